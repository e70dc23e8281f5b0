import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { MAX_COUNTER, packDiaSourceId, unpackDiaSourceId } from '#shared/domain/ids/dia-source-id.ts';
import { InvalidId } from '#shared/domain/ids/invalid-id.ts';
import { dayObsFromMjdDay } from '#shared/domain/time/scales.ts';

// Ids of published alerts, and of a visit packed by Rubin's id generator.
it.each([
  [169760235333878021n, { dayObs: 20251219, seqNum: 283, detector: 130, releaseId: 1, counter: 261 }],
  [169760235359568157n, { dayObs: 20251219, seqNum: 283, detector: 179, releaseId: 1, counter: 285 }],
  [169813007469117494n, { dayObs: 20251231, seqNum: 250, detector: 142, releaseId: 1, counter: 54 }],
  [168739899765161985n, { dayObs: 20250501, seqNum: 367, detector: 30, releaseId: 1, counter: 1 }],
  [24624711689306113n, { dayObs: 20250501, seqNum: 367, detector: 30, releaseId: 0, counter: 1 }],
])('%s is one of a known visit', (id, parts) => {
  expect(packDiaSourceId(parts)).toBe(id);
  expect(unpackDiaSourceId(id)).toEqual({ ...parts, oneToOne: false });
});

test('every id comes back, and stays below 2^63', () => {
  const parts = fc.record({
    dayObs: fc.integer({ min: 55_197, max: 55_197 + 16_383 }).map(dayObsFromMjdDay),
    seqNum: fc.nat(32_767),
    detector: fc.nat(255),
    releaseId: fc.nat(63),
    counter: fc.integer({ min: 1, max: MAX_COUNTER }),
    oneToOne: fc.boolean(),
  });
  fc.assert(
    fc.property(parts, (parts) => {
      const id = packDiaSourceId(parts);
      expect(id > 0n && id < 1n << 63n).toBe(true);
      expect(unpackDiaSourceId(id)).toEqual(parts);
    }),
    { numRuns: 200 },
  );
});

const good = { dayObs: 20251219, seqNum: 283, detector: 130, releaseId: 1, counter: 261 };

it.each([
  { counter: 0 },
  { counter: MAX_COUNTER + 1 },
  { releaseId: 64 },
  { detector: 256 },
  { seqNum: 32_768 },
  { dayObs: 20091231 },
  // The first day beyond 14 bits; the original's own check lets it through.
  { dayObs: 20541110 },
])('has no id for %o', (wrong) => {
  expect(() => packDiaSourceId({ ...good, ...wrong })).toThrow(InvalidId);
});

test('the last day that fits', () => {
  expect(unpackDiaSourceId(packDiaSourceId({ ...good, dayObs: 20541109 })).dayObs).toBe(20541109);
});

it.each([-1n, 1n << 63n])('refuses %s', (id) => {
  expect(() => unpackDiaSourceId(id)).toThrow(InvalidId);
});
