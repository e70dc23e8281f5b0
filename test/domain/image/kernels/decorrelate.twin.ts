import type { Kernel } from '#shared/domain/image/convolve.ts';
import { DECORRELATION_HALF, type Whitening } from '#shared/domain/image/decorrelate.ts';
import { type FourierPlan, planFourier } from './fourier.twin.ts';

const GRID = 64;

export function whiteningTwin(
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

export function convolvedTwin(psf: Kernel, kernel: Kernel): Kernel {
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
