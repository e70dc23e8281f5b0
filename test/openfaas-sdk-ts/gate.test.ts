import fc from 'fast-check';
import { backOffSeconds } from 'openfaas-sdk-ts/gate.ts';
import { expect, test } from 'vitest';

test('probes come after 1 s to 30 s, later and later, spread by a quarter', () => {
  fc.assert(
    fc.property(fc.nat(1000), (failures) => {
      const seconds = backOffSeconds(failures);
      const base = Math.min(30, 2 ** failures);
      expect(seconds).toBeGreaterThanOrEqual(Math.max(1, base * 0.75 - 0.125));
      expect(seconds).toBeLessThanOrEqual(Math.min(30, base * 1.25 + 0.125));
    }),
    { numRuns: 200 },
  );
  const many = Array.from({ length: 50 }, () => backOffSeconds(3));
  expect(new Set(many).size).toBeGreaterThan(5);
});
