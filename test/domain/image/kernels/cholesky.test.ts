import { expect, test } from 'vitest';
import { solveSymmetric } from '#shared/domain/image/linear-algebra.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { noise } from './planes.ts';

/** The matrix of products of n + `more` random vectors, its scales spread over four powers of ten. */
function definite(n: number, more: number): Float64Array {
  const draws = noise(n * (n + more), n);
  const scales = Float64Array.from({ length: n }, (_, i) => 10 ** ((4 * i) / n));
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n + more; k++) sum += draws[i * (n + more) + k] * draws[j * (n + more) + k];
    return sum * scales[i] * scales[j];
  });
}

function solve(matrix: Float64Array, right: Float64Array, ridge: number): Float64Array | undefined {
  const workspace = createWorkspace();
  const n = right.length;
  const [a, b, scale] = [workspace.doubles(n * n), workspace.doubles(n), workspace.doubles(n)];
  a.set(matrix);
  b.set(right);
  const isSolved = workspace.run('solveDefinite', a.byteOffset, b.byteOffset, scale.byteOffset, n, ridge);
  return isSolved === 1 ? b.slice() : undefined;
}

test.each([1, 2, 7, 8, 33, 100])('solves %i equations as its twin does', (n) => {
  const matrix = definite(n, 5);
  const right = Float64Array.from(noise(n, 2));
  const [solution, expected] = [solve(matrix, right, 1e-10), solveSymmetric(matrix, right, 1e-10)];
  if (solution === undefined || expected === undefined) throw new Error('no solution');
  const size = Math.sqrt(matrix[0]);
  solution.forEach((value, i) => {
    const scale = size / Math.sqrt(matrix[i * n + i]);
    expect(Math.abs(value - expected[i]) / scale).toBeLessThan(1e-9);
  });
});

test('tells of equations that are not definite', () => {
  expect(solve(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1), 0)).toBeUndefined();
  expect(solve(Float64Array.of(1, 0, 0, 0), Float64Array.of(1, 1), 0)).toBeUndefined();
  expect(solve(Float64Array.of(Number.NaN), Float64Array.of(1), 0)).toBeUndefined();
});
