import { describe, expect, it } from 'vitest';
import { dequantise, QUANTISED_BLANK, type Quantisation, quantise } from '#shared/domain/fits/quantise.ts';

const floats = (integers: number[], given: Partial<Quantisation>, at = 0, wide = true) =>
  dequantise(
    Int32Array.from(integers),
    at,
    { scale: 1, zero: 0, dither: 'NO_DITHER', tile: 0, ...given },
    wide,
  ).slice();

/** Park & Miller's numbers in exact integers; the standard (appendix I) says that the 10,000th seed is 1043618065. */
function seeds(): bigint[] {
  const all = [16807n];
  while (all.length < 10_000) all.push((16807n * all[all.length - 1]) % 2147483647n);
  return all;
}

describe('dequantise', () => {
  it('takes the random numbers of the standard', () => {
    const all = seeds();
    expect(all[9999]).toBe(1043618065n);
    const random = all.map((seed) => Math.fround(Number(seed) / 2147483647));
    const row = 41;
    const start = Math.trunc(random[row] * 500);
    const zeros = floats(new Array(9000).fill(0), { dither: 'SUBTRACTIVE_DITHER_1', tile: row });
    expect(Array.from(zeros)).toEqual(random.slice(start, start + 9000).map((number) => 0.5 - number));
  });

  it('goes on with the next run where the numbers end, and from the first row after the last', () => {
    const long = floats(new Array(20_500).fill(0), { dither: 'SUBTRACTIVE_DITHER_1', tile: 9999 });
    const next = floats(new Array(400).fill(0), { dither: 'SUBTRACTIVE_DITHER_1', tile: 0 });
    const random = seeds().map((seed) => Math.fround(Number(seed) / 2147483647));
    const first = 10_000 - Math.trunc(random[9999] * 500);
    expect(long.slice(first, first + 400)).toEqual(next);
    expect(floats([0], { dither: 'SUBTRACTIVE_DITHER_1', tile: 10_000 })).toEqual(next.slice(0, 1));
  });

  it('scales, keeps NaN, and keeps exact zeros with the second dither only', () => {
    expect(floats([3, -5, 4], { scale: 0.5, zero: 10, blank: 4 })).toEqual(
      Float64Array.of(11.5, 7.5, Number.NaN),
    );
    const zero = -2147483646;
    expect(floats([zero], { zero: 7, dither: 'SUBTRACTIVE_DITHER_2' })).toEqual(Float64Array.of(0));
    expect(floats([zero], { zero: 7, dither: 'SUBTRACTIVE_DITHER_1' })[0]).toBeLessThan(-2e9);
  });
});

describe('quantise', () => {
  const values = Float32Array.from(
    { length: 21_000 },
    (_, k) => 50 * Math.sin(k) + (k % 11 === 0 ? Number.NaN : 0),
  );
  values[5] = 0;

  it.each(['NO_DITHER', 'SUBTRACTIVE_DITHER_1', 'SUBTRACTIVE_DITHER_2'] as const)(
    'is restored within half a step, NaN as NaN: %s',
    (dither) => {
      const given = { scale: 0.25, zero: 0, blank: QUANTISED_BLANK, dither, tile: 9997 };
      const integers = quantise(values, given)?.slice() ?? new Int32Array(0);
      const restored = floats(Array.from(integers), given, 0, false);
      expect(restored.every((value, i) => Number.isNaN(value) === Number.isNaN(values[i]))).toBe(true);
      const errors = Array.from(restored, (value, i) => Math.abs(value - values[i])).filter(
        (error) => error >= 0,
      );
      expect(errors.reduce((most, error) => Math.max(most, error))).toBeLessThanOrEqual(0.125 * (1 + 1e-6));
      if (dither === 'SUBTRACTIVE_DITHER_2') expect(restored[5]).toBe(0);
    },
  );

  it('has no integers for what 31 bits do not hold', () => {
    const wild = Float32Array.of(2, 3e9, -2);
    expect(quantise(wild, { scale: 1, dither: 'NO_DITHER', tile: 0 })).toBeUndefined();
    expect(quantise(wild, { scale: 2, dither: 'NO_DITHER', tile: 0 })).toEqual(Int32Array.of(1, 1.5e9, -1));
    expect(quantise(Float32Array.of(Infinity), { scale: 2, dither: 'NO_DITHER', tile: 0 })).toBeUndefined();
  });
});
