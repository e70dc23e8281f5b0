import type { Kernel } from './convolve.ts';
import { shiftStamp } from './lanczos.ts';
import type { Window } from './window.ts';

/** A PSF sampled twice as finely, so that bilinear interpolation between the samples blurs by less than 0.5 %. */
export interface FinePsf {
  readonly half: number;
  readonly side: number;
  readonly values: Float64Array;
}

export function refinePsf(psf: Kernel): FinePsf {
  const coarse = 2 * psf.half + 1;
  const side = 2 * coarse;
  const values = new Float64Array(side * side);
  for (let v = 0; v < 2; v++) {
    for (let u = 0; u < 2; u++) {
      // The sample at +1/2 px is the stamp moved by -1/2 px.
      const moved = shiftStamp(psf.values, coarse, -u / 2, -v / 2);
      for (let j = 0; j < coarse; j++) {
        for (let i = 0; i < coarse; i++) values[(2 * j + v) * side + 2 * i + u] = moved[j * coarse + i];
      }
    }
  }
  return { half: psf.half, side, values };
}

/** Adds a point source of `flux` at (x, y) of the image to a model of the window. */
export function addPoint(
  model: Float64Array,
  window: Window,
  psf: FinePsf,
  x: number,
  y: number,
  flux: number,
): void {
  const { x0, y0, width, height } = window;
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
    let at = (iy + 2 * (j - bottom)) * psf.side + ix;
    for (let i = left; i <= right; i++, at += 2) {
      model[j * width + i] +=
        w00 * psf.values[at] +
        w10 * psf.values[at + 1] +
        w01 * psf.values[at + psf.side] +
        w11 * psf.values[at + psf.side + 1];
    }
  }
}
