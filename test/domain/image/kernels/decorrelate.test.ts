import { describe, expect, test } from 'vitest';
import type { Kernel } from '#shared/domain/image/convolve.ts';
import { convolvedPsf, whitening } from '#shared/domain/image/decorrelate.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { convolvedTwin, whiteningTwin } from './decorrelate.twin.ts';
import { largestDifference } from './planes.ts';

/** A Gaussian off its centre, of another width along x and y, with the sum 1. */
function gaussian(half: number, sigmaX: number, sigmaY: number, x0: number): Kernel {
  const side = 2 * half + 1;
  const values = Float64Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [(at % side) - half - x0, Math.floor(at / side) - half];
    return Math.exp(-0.5 * ((x / sigmaX) ** 2 + (y / sigmaY) ** 2));
  });
  const sum = values.reduce((total, value) => total + value, 0);
  return { half, values: values.map((value) => value / sum) };
}

const matching = gaussian(10, 0.9, 1.4, 0.3);
const psf = gaussian(15, 1.8, 1.6, -0.2);

describe('decorrelation', () => {
  test.each([
    [800, 80],
    [80, 800],
    [1, 0],
  ])('is that of transforms in f64: variances %d and %d', (kept, convolved) => {
    const made = whitening(createWorkspace(), matching, kept, convolved, psf);
    const expected = whiteningTwin(matching, kept, convolved, psf);
    expect(largestDifference(made.kernel.values, expected.kernel.values)).toBeLessThan(1e-6);
    expect(largestDifference(made.psf.values, expected.psf.values)).toBeLessThan(1e-6);
  });

  test('makes the noise of the difference white', () => {
    const { kernel } = whitening(createWorkspace(), matching, 1, 1, psf);
    // Covariance at a lag: what both images' noise keeps of itself through the kernels.
    const identity = { half: 0, values: Float64Array.of(1) };
    const through = full(matching, kernel);
    const covariance = (dx: number, dy: number): number =>
      lagged(full(identity, kernel), dx, dy) + lagged(through, dx, dy);
    expect(Math.abs(covariance(0, 0) - 2)).toBeLessThan(2e-3);
    for (const [dx, dy] of [
      [1, 0],
      [0, 1],
      [1, 1],
      [3, -2],
    ])
      expect(Math.abs(covariance(dx, dy))).toBeLessThan(2e-3);
  });

  test('a convolved PSF is the sum that defines it', () => {
    const made = convolvedPsf(createWorkspace(), psf, matching);
    expect(largestDifference(made.values, convolvedTwin(psf, matching).values)).toBeLessThan(1e-6);
    expect(made.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
  });
});

/** Both kernels convolved, untruncated. */
function full(a: Kernel, b: Kernel): Kernel {
  const half = a.half + b.half;
  const [sideA, sideB, side] = [2 * a.half + 1, 2 * b.half + 1, 2 * half + 1];
  const values = new Float64Array(side * side);
  for (let k = 0; k < sideA * sideA; k++) {
    for (let l = 0; l < sideB * sideB; l++) {
      const [x, y] = [(k % sideA) + (l % sideB), Math.floor(k / sideA) + Math.floor(l / sideB)];
      values[y * side + x] += a.values[k] * b.values[l];
    }
  }
  return { half, values };
}

/** Sum of the products of a kernel with itself moved by (dx, dy). */
function lagged({ half, values }: Kernel, dx: number, dy: number): number {
  const side = 2 * half + 1;
  let sum = 0;
  for (let y = Math.max(0, -dy); y < Math.min(side, side - dy); y++) {
    for (let x = Math.max(0, -dx); x < Math.min(side, side - dx); x++)
      sum += values[y * side + x] * values[(y + dy) * side + x + dx];
  }
  return sum;
}
