import type { Kernel } from './convolve.ts';
import { type MaskedImage, UNMEASURED } from './masked-image.ts';
import { movePsf } from './moved-psf.ts';

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
 *
 * @param half of the square of pixels that counts, at most the PSF's
 */
export function pointFlux(
  image: MaskedImage,
  psf: Kernel,
  x: number,
  y: number,
  half = psf.half,
): PointFlux | undefined {
  const { width, height, variance, mask } = image;
  const side = 2 * half + 1;
  const cx = Math.round(x);
  const cy = Math.round(y);
  const left = Math.max(0, half - cx);
  const right = Math.min(side - 1, width - 1 - cx + half);
  const bottom = Math.max(0, half - cy);
  const top = Math.min(side - 1, height - 1 - cy + half);
  const { values } = movePsf(psf, half, x - cx, y - cy, false);
  let [product, square, noise, cubes, count, covered] = [0, 0, 0, 0, 0, 0];
  // chi² of flux F is sum(D² / V) - 2 F sum(P D / V) + F² sum(P² / V).
  let [data, cross, model] = [0, 0, 0];
  for (let j = bottom; j <= top; j++) {
    let at = (cy + j - half) * width + cx - half + left;
    for (let k = j * side + left, end = j * side + right; k <= end; k++, at++) {
      const v = variance[at];
      if ((mask[at] & UNMEASURED) !== 0 || !(v > 0)) continue;
      const p = values[k];
      const d = image.image[at];
      product += p * d;
      square += p * p;
      noise += p * p * v;
      cubes += p * p * p;
      covered += p;
      count++;
      data += (d * d) / v;
      cross += (p * d) / v;
      model += (p * p) / v;
    }
  }
  if (!(covered > 0.5)) return undefined;
  const flux = product / square;
  return {
    flux,
    fluxErr: Math.sqrt(noise) / square,
    chi2: data - 2 * flux * cross + flux * flux * model,
    count,
    edge: left > 0 || bottom > 0 || right < side - 1 || top < side - 1,
    photonFactor: cubes / (square * square),
  };
}
