import type { Kernel } from './convolve.ts';
import { shiftStamp } from './lanczos.ts';
import { type MaskedImage, UNMEASURED } from './masked-image.ts';

/** Flux of a point source at a fixed position; `edge`: part of the PSF is off the image. */
export interface PointFlux {
  readonly flux: number;
  readonly fluxErr: number;
  readonly chi2: number;
  readonly count: number;
  readonly edge: boolean;
  /** sum P³ / (sum P²)²: variance of the flux for each unit of variance per flux that the source itself adds. */
  readonly photonFactor: number;
}

/**
 * PSF flux at (x, y): F = sum(P D) / sum(P²) over the usable pixels, the unweighted estimator, which does not change
 * with the variance model; its error from the variance plane. Undefined when fewer than half of the PSF is usable.
 */
export function pointFlux(image: MaskedImage, psf: Kernel, x: number, y: number): PointFlux | undefined {
  const { width, height, variance, mask } = image;
  const cx = Math.round(x);
  const cy = Math.round(y);
  const side = 2 * psf.half + 1;
  const model = shiftStamp(psf.values, side, x - cx, y - cy);
  let product = 0;
  let square = 0;
  let noise = 0;
  let cubes = 0;
  let count = 0;
  let covered = 0;
  let edge = false;
  const usable: number[] = [];
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      const px = cx + i - psf.half;
      const py = cy + j - psf.half;
      if (px < 0 || py < 0 || px >= width || py >= height) {
        edge = true;
        continue;
      }
      const at = py * width + px;
      if ((mask[at] & UNMEASURED) !== 0 || !(variance[at] > 0)) continue;
      const p = model[j * side + i];
      product += p * image.image[at];
      square += p * p;
      noise += p * p * variance[at];
      cubes += p * p * p;
      covered += p;
      count++;
      usable.push(j * side + i, at);
    }
  }
  if (!(covered > 0.5)) return undefined;
  const flux = product / square;
  let chi2 = 0;
  for (let k = 0; k < usable.length; k += 2) {
    const at = usable[k + 1];
    chi2 += (image.image[at] - flux * model[usable[k]]) ** 2 / variance[at];
  }
  return {
    flux,
    fluxErr: Math.sqrt(noise) / square,
    chi2,
    count,
    edge,
    photonFactor: cubes / (square * square),
  };
}
