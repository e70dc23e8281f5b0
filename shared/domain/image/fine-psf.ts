import type { Kernel } from './convolve.ts';
import { movePsf } from './moved-psf.ts';
import type { Window } from './window.ts';

/** A PSF sampled twice as finely, so that bilinear interpolation between the samples blurs by less than 0.5 %. */
export interface FinePsf {
  readonly half: number;
  readonly side: number;
  readonly values: Float64Array;
}

const refined = new WeakMap<Kernel, FinePsf>();

/** Made once for each PSF. */
export function refinePsf(psf: Kernel): FinePsf {
  const known = refined.get(psf);
  if (known !== undefined) return known;
  const coarse = 2 * psf.half + 1;
  const side = 2 * coarse;
  const values = new Float64Array(side * side);
  for (let v = 0; v < 2; v++) {
    for (let u = 0; u < 2; u++) {
      // The sample at +1/2 px is the stamp moved by -1/2 px.
      const moved = movePsf(psf, psf.half, -u / 2, -v / 2, false).values;
      for (let j = 0; j < coarse; j++) {
        for (let i = 0; i < coarse; i++) values[(2 * j + v) * side + 2 * i + u] = moved[j * coarse + i];
      }
    }
  }
  const fine = { half: psf.half, side, values };
  refined.set(psf, fine);
  return fine;
}

/** Value at an offset from the centre, pixels; 0 outside. */
export function fineValue({ half, side, values }: FinePsf, dx: number, dy: number): number {
  const fx = 2 * (dx + half);
  const fy = 2 * (dy + half);
  // The last sample, half a pixel outside, leans on pixels that are not there.
  if (!(fx >= 0 && fy >= 0 && fx < side - 2 && fy < side - 2)) return 0;
  const ix = fx | 0;
  const iy = fy | 0;
  const u = fx - ix;
  const v = fy - iy;
  const at = iy * side + ix;
  const low = values[at] + u * (values[at + 1] - values[at]);
  const high = values[at + side] + u * (values[at + side + 1] - values[at + side]);
  return low + v * (high - low);
}

/** Adds a point source of `flux` at (x, y) of the image to a model of the window. */
export function addPoint(
  model: Float64Array | Float32Array,
  window: Pick<Window, 'x0' | 'y0' | 'width' | 'height'>,
  psf: FinePsf,
  x: number,
  y: number,
  flux: number,
): void {
  const { x0, y0, width, height } = window;
  const { side, values } = psf;
  const reach = psf.half - 1;
  const left = Math.max(0, Math.ceil(x - reach) - x0);
  const right = Math.min(width - 1, Math.floor(x + reach) - x0);
  const bottom = Math.max(0, Math.ceil(y - reach) - y0);
  const top = Math.min(height - 1, Math.floor(y + reach) - y0);
  if (right < left || top < bottom) return;
  const fx = 2 * (left + x0 - x + psf.half);
  const fy = 2 * (bottom + y0 - y + psf.half);
  const ix = Math.floor(fx);
  const iy = Math.floor(fy);
  const u = fx - ix;
  const v = fy - iy;
  const w00 = flux * (1 - u) * (1 - v);
  const w10 = flux * u * (1 - v);
  const w01 = flux * (1 - u) * v;
  const w11 = flux * u * v;
  for (let j = bottom; j <= top; j++) {
    let at = (iy + 2 * (j - bottom)) * side + ix;
    for (let i = left; i <= right; i++, at += 2) {
      model[j * width + i] +=
        w00 * values[at] + w10 * values[at + 1] + w01 * values[at + side] + w11 * values[at + side + 1];
    }
  }
}
