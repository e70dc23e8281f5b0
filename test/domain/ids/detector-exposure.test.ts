import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { detectorExposureId, packParts, unpackParts } from '#shared/domain/ids/detector-exposure.ts';
import type { Controller } from '#shared/domain/ids/exposure-id.ts';
import { InvalidId } from '#shared/domain/ids/invalid-id.ts';
import { dayObsFromMjdDay } from '#shared/domain/time/scales.ts';

it.each<[number, number, Controller, number, bigint]>([
  [20251121, 156, 'O', 203, 0xb55809ccbn],
  [20250415, 228, 'O', 33, 0xae780e421n],
  // After the unification of controllers C packs as O.
  [20251121, 156, 'C', 203, 0xb55809ccbn],
])('day %i, number %i, controller %s, detector %i', (dayObs, seqNum, controller, detector, id) => {
  expect(detectorExposureId({ dayObs, seqNum, controller }, detector)).toBe(id);
});

test('a controller of its own stands above the day', () => {
  const id = detectorExposureId({ dayObs: 20230101, seqNum: 7, controller: 'H' }, 5);
  expect(unpackParts(id)).toEqual({ dayObs: 20230101, seqNum: 7, detector: 5, top: 2 });
});

test('every packed id comes back', () => {
  const parts = fc.record({
    dayObs: fc.integer({ min: 55_197, max: 55_197 + 16_383 }).map(dayObsFromMjdDay),
    seqNum: fc.nat(32_767),
    detector: fc.nat(255),
    top: fc.nat(7),
  });
  fc.assert(
    fc.property(parts, (parts) => {
      expect(unpackParts(packParts(parts))).toEqual(parts);
    }),
    { numRuns: 200 },
  );
});

it.each([-1n, 1n << 41n])('refuses %s', (id) => {
  expect(() => unpackParts(id)).toThrow(InvalidId);
});
