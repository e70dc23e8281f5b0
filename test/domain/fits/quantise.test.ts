import { describe, expect, it } from 'vitest';
import { dequantise } from '#shared/domain/fits/quantise.ts';

const floats = (integers: number[], given: Partial<Parameters<typeof dequantise>[1]>) => {
  const out = new Float64Array(integers.length);
  dequantise(Int32Array.from(integers), { scale: 1, zero: 0, dither: 'NO_DITHER', row: 0, ...given }, out);
  return out;
};

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
    const zeros = floats(new Array(9000).fill(0), { dither: 'SUBTRACTIVE_DITHER_1', row });
    expect(Array.from(zeros)).toEqual(random.slice(start, start + 9000).map((number) => 0.5 - number));
  });

  it('goes on with the next run where the numbers end, and from the first row after the last', () => {
    const long = floats(new Array(20_500).fill(0), { dither: 'SUBTRACTIVE_DITHER_1', row: 9999 });
    const next = floats(new Array(400).fill(0), { dither: 'SUBTRACTIVE_DITHER_1', row: 0 });
    const random = seeds().map((seed) => Math.fround(Number(seed) / 2147483647));
    const first = 10_000 - Math.trunc(random[9999] * 500);
    expect(long.slice(first, first + 400)).toEqual(next);
    expect(floats([0], { dither: 'SUBTRACTIVE_DITHER_1', row: 10_000 })).toEqual(next.slice(0, 1));
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
