import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitNonlinear } from '#shared/domain/image/least-squares.ts';
import { invertSymmetric, solveSymmetric } from '#shared/domain/image/linear-algebra.ts';

const matrix = fc
  .integer({ min: 1, max: 6 })
  .chain((n) =>
    fc.tuple(
      fc.constant(n),
      fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: n * n, maxLength: n * n }),
      fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: n, maxLength: n }),
    ),
  );

describe('the symmetric solver', () => {
  it('solves A x = b for any positive definite A', () => {
    fc.assert(
      fc.property(matrix, ([n, values, b]) => {
        const a = new Float64Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            for (let k = 0; k < n; k++) a[i * n + j] += values[i * n + k] * values[j * n + k];
          }
          a[i * n + i] += 1;
        }
        const x = solveSymmetric(a, Float64Array.from(b), 0) ?? new Float64Array(n).fill(Number.NaN);
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let j = 0; j < n; j++) sum += a[i * n + j] * x[j];
          expect(Math.abs(sum - b[i])).toBeLessThan(1e-6);
        }
        const inverse = invertSymmetric(a, n) ?? new Float64Array(n * n);
        expect(inverse[0] * a[0] + (n > 1 ? inverse[1] * a[n] : 0)).toBeLessThan(n > 2 ? 1e9 : 1 + 1e-6);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses a singular one', () => {
    expect(solveSymmetric(Float64Array.of(1, 1, 1, 1), Float64Array.of(1, 2), 0)).toBeUndefined();
  });
});

describe('the nonlinear fit', () => {
  it('finds the parameters of a curve and their errors', () => {
    const xs = Array.from({ length: 50 }, (_, i) => i / 10);
    const truth = (x: number): number => 3 * Math.exp(-x / 1.7) + 0.2;
    const fit = fitNonlinear(
      ([a, tau, c], values) =>
        xs.forEach((x, i) => {
          values[i] = a * Math.exp(-x / tau) + c;
        }),
      Float64Array.from(xs, truth),
      new Float64Array(50).fill(100),
      [1, 1, 0],
      [1e-5, 1e-5, 1e-5],
    );
    expect(fit?.parameters[0]).toBeCloseTo(3, 4);
    expect(fit?.parameters[1]).toBeCloseTo(1.7, 4);
    expect(fit?.parameters[2]).toBeCloseTo(0.2, 4);
    expect(Math.sqrt(fit?.covariance[0] ?? 0)).toBeGreaterThan(0.01);
  });
});
