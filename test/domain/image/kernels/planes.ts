import { random } from '../../../support/scene.ts';

/** Gaussian noise of unit sigma. */
export function noise(length: number, seed: number): Float32Array {
  const { normal } = random(seed);
  return Float32Array.from({ length }, normal);
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  // NaN in one of them makes the answer NaN, which is below no limit.
  for (let i = 0; i < a.length; i++)
    largest = Math.max(largest, Object.is(a[i], b[i]) ? 0 : Math.abs(a[i] - b[i]));
  return largest;
}
