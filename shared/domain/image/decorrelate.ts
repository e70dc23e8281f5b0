import type { Kernel } from './convolve.ts';
import { type FourierPlan, planFourier } from './fourier.ts';

const GRID = 64;

/** Half side of the decorrelation kernel: beyond 12 px its values were below 1e-3 of the peak on all scenes tried. */
export const DECORRELATION_HALF = 12;

/** The whitening kernel of a difference at one position, and the PSF of the whitened difference. */
export interface Whitening {
  readonly kernel: Kernel;
  readonly psf: Kernel;
  /** Its PSF before whitening. */
  readonly unwhitened: Kernel;
}

/**
 * Decorrelation of an Alard-Lupton difference (Reiss & Lupton, DMTN-021): the noise of D = A - K * B has the spectrum
 * v_a + |K|² v_b; multiplied by phi² = (v_a + v_b) / (v_a + |K|² v_b) it is white with the variance v_a + v_b.
 *
 * @param matching K, with the sum 1
 * @param varianceKept v_a, of the image that was not convolved
 * @param varianceConvolved v_b, of the one that was, before it was convolved
 * @param psf PSF of the difference before whitening
 */
export function whitening(
  matching: Kernel,
  varianceKept: number,
  varianceConvolved: number,
  psf: Kernel,
): Whitening {
  const plan = planFourier(GRID);
  const k = transform(plan, matching);
  const p = transform(plan, psf);
  const total = varianceKept + varianceConvolved;
  const re = new Float64Array(GRID * GRID);
  const im = new Float64Array(GRID * GRID);
  for (let i = 0; i < re.length; i++) {
    re[i] = Math.sqrt(total / (varianceKept + (k.re[i] ** 2 + k.im[i] ** 2) * varianceConvolved));
    p.re[i] *= re[i];
    p.im[i] *= re[i];
  }
  plan.inverse(re, im);
  plan.inverse(p.re, p.im);
  return { kernel: cut(re, DECORRELATION_HALF), psf: cut(p.re, psf.half), unwhitened: psf };
}

/** The PSF of an image after convolution with a kernel, on the PSF's own stamp. */
export function convolvedPsf(psf: Kernel, kernel: Kernel): Kernel {
  const plan = planFourier(GRID);
  const a = transform(plan, psf);
  const b = transform(plan, kernel);
  const re = a.re.map((value, i) => value * b.re[i] - a.im[i] * b.im[i]);
  const im = a.re.map((value, i) => value * b.im[i] + a.im[i] * b.re[i]);
  plan.inverse(re, im);
  return cut(re, psf.half);
}

function transform(plan: FourierPlan, kernel: Kernel): { re: Float64Array; im: Float64Array } {
  const re = new Float64Array(GRID * GRID);
  const im = new Float64Array(GRID * GRID);
  const side = 2 * kernel.half + 1;
  for (let j = 0; j < side; j++) {
    const row = ((j - kernel.half + GRID) % GRID) * GRID;
    for (let i = 0; i < side; i++) re[row + ((i - kernel.half + GRID) % GRID)] = kernel.values[j * side + i];
  }
  plan.forward(re, im);
  return { re, im };
}

function cut(grid: Float64Array, half: number): Kernel {
  const side = 2 * half + 1;
  const values = new Float64Array(side * side);
  for (let j = 0; j < side; j++) {
    const row = ((j - half + GRID) % GRID) * GRID;
    for (let i = 0; i < side; i++) values[j * side + i] = grid[row + ((i - half + GRID) % GRID)];
  }
  return { half, values };
}
