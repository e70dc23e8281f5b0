import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isDeeperThan } from '../../../functions/sattle-check/json-depth.ts';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

it('tells how deep any JSON is, whatever its strings and keys hold', () => {
  const text = fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', 'a') });
  const value = fc.anything({ maxDepth: 5, key: text, values: [text, fc.integer(), fc.constant(null)] });
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1), (any, indent) => {
      const json = JSON.stringify(any, undefined, indent) ?? 'null';
      const depth = depthOf(JSON.parse(json));
      expect(isDeeperThan(depth, json)).toBe(false);
      if (depth > 0) expect(isDeeperThan(depth - 1, json)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('ends with the text where that is cut', () => {
  for (const cut of ['"abc[[[', '"\\', '["', '"\\\\\\"[[[']) expect(isDeeperThan(1, cut)).toBe(false);
  expect(isDeeperThan(1, '"\\\\"[[[')).toBe(true);
});
