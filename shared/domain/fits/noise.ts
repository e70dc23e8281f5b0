/** Noise of a row of pixels, by which fpack chooses its steps. White, Greenfield & Sjouwerman 2009; Stoehr et al. 2007. */

import { selectInPlace } from '../image/statistics.ts';

/** Medians of differences of such noise over its sigma, inverted: of second, third and fifth order. */
const SECOND = 1.0483579;
const THIRD = 0.6052697;
const FIFTH = 0.1772048;

/**
 * Standard deviation of the noise: the smallest of three estimates from differences of neighbours but one, which the
 * sky's slopes and stars' wings do not enter. NaN are passed over; 0 for fewer than nine pixels and for constant ones.
 */
export function rowNoise(row: Float32Array): number {
  const pixels = row.filter((value) => !Number.isNaN(value));
  if (pixels.length < 9) return 0;
  const [second, third, fifth] = differences(pixels);
  const noise = THIRD * median(third);
  const others = [SECOND * median(second), FIFTH * median(fifth)].filter((other) => other > 0);
  return Math.min(noise, ...others);
}

/** Absolute differences of the three orders, runs of equal pixels left out. */
function differences(v: Float32Array): [Float32Array, Float32Array, Float32Array] {
  const count = v.length - 8;
  const [second, third, fifth] = [0, 1, 2].map(() => new Float32Array(count));
  let [seconds, others] = [0, 0];
  for (let i = 4; i < v.length - 4; i++) {
    const isFlat = v[i] === v[i + 1] && v[i] === v[i + 2];
    if (!isFlat) second[seconds++] = Math.abs(v[i] - v[i + 2]);
    if (isFlat && v[i] === v[i - 1] && v[i] === v[i - 2]) continue;
    third[others] = Math.abs(2 * v[i] - v[i - 2] - v[i + 2]);
    fifth[others++] = Math.abs(6 * v[i] - 4 * v[i - 2] - 4 * v[i + 2] + v[i - 4] + v[i + 4]);
  }
  return [second.subarray(0, seconds), third.subarray(0, others), fifth.subarray(0, others)];
}

/** The lower of the middle values, which it reorders; 0 of none. Sorting took ten times as long. */
function median(values: Float32Array): number {
  return values.length === 0 ? 0 : selectInPlace(values, (values.length - 1) >> 1);
}
