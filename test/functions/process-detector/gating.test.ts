import { serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gatedOf } from '../../../functions/process-detector/gating.ts';
import { measuredOf, numbersOf, sourceOf } from './room.ts';

const rules = { trailLimitDegPerDay: 10, leastReliability: 0.5 };
const allow = (...counters: number[]) => new Set(counters.map((counter) => sourceOf(counter).diaSourceId));
const left = ({ sources }: ReturnType<typeof measuredOf>) => sources.map(({ diaSourceId }) => diaSourceId);

describe('after the gate’s answer', () => {
  const measured = measuredOf([
    sourceOf(1),
    sourceOf(2),
    sourceOf(3, { trailLength: 13 }),
    sourceOf(4, { reliability: 0.4 }),
    sourceOf(5, { trailLength: 13, reliability: 0.4 }),
    sourceOf(6, { reliability: null }),
  ]);

  test('what it did not name, trails and what is not reliable are gone, each counted once', () => {
    const gated = gatedOf(measured, allow(2, 3, 4, 5, 6), rules);
    expect(new Set(left(gated))).toEqual(allow(2, 6));
    expect(gated.removed).toEqual({ satellites: 1, trails: 2, unreliable: 1 });
  });

  test('asked once more after a kill, it removes no more than the new answer does, and counts on', () => {
    const once = gatedOf(measured, allow(1, 2, 3, 4, 5, 6), rules);
    expect(gatedOf(once, allow(1, 2, 6), rules)).toEqual(once);
    const twice = gatedOf(once, allow(1, 6), rules);
    expect(new Set(left(twice))).toEqual(allow(1, 6));
    expect(twice.removed).toEqual({ satellites: 1, trails: 2, unreliable: 1 });
  });

  test('another limit keeps another trail', () => {
    const gated = gatedOf(measured, allow(3), { ...rules, trailLimitDegPerDay: 20 });
    expect(new Set(left(gated))).toEqual(allow(3));
  });

  test('nothing is left of what was removed: no id, no place, not in the bytes that are sealed', () => {
    const all = Array.from({ length: 10 }, (_, n) => sourceOf(n + 1, n % 5 === 4 ? { trailLength: 20 } : {}));
    fc.assert(
      fc.property(fc.subarray(all), (named) => {
        const gated = gatedOf(measuredOf(all), new Set(named.map(({ diaSourceId }) => diaSourceId)), rules);
        const bytes = serialize(gated);
        const text = JSON.stringify(gated, (_, value) => (typeof value === 'bigint' ? String(value) : value));
        const isIn = (number: number | bigint) => {
          const eight = Buffer.alloc(8);
          if (typeof number === 'bigint') eight.writeBigInt64LE(number);
          else eight.writeDoubleLE(number);
          return bytes.includes(eight) || text.includes(String(number));
        };
        expect(named).toEqual(expect.arrayContaining([...gated.sources]));
        const removed = all.filter((source) => !gated.sources.includes(source));
        expect(removed.flatMap(numbersOf).filter(isIn)).toEqual([]);
        expect(gated.sources.flatMap(numbersOf).every(isIn)).toBe(true);
        expect(Object.values(gated.removed).reduce((sum, count) => sum + count, 0)).toBe(removed.length);
      }),
    );
  });
});
