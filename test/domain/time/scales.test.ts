import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  dayObs,
  dayObsFromMjdDay,
  isoTai,
  isoUtc,
  isPastLeapTable,
  leapTableExpiryMjdUtc,
  mjdDayFromDayObs,
  mjdTai,
  mjdTaiFromTaiNs,
  mjdTaiFromUnixTai,
  mjdTaiFromUtc,
  mjdUtc,
  mjdUtcFromTai,
  mjdUtcFromUnixMs,
  nsFromIso,
  parseIso,
  taiMinusUtcSeconds,
  taiNs,
  taiNsFromMjdTai,
  taiNsFromUnixNs,
  unixTaiFromMjdTai,
} from '#shared/domain/time/scales.ts';

const moments: {
  utc: string;
  mjdUtc: number;
  mjdTai: number;
  taiNs: string;
  dayObs: number;
  taiMinusUtc: number;
}[] = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/time/scales.json'), 'utf8'));

/** One step of a double between MJD 32,768 and 65,536, which is in 2038. */
const ULP = 2 ** -37;

test('UTC and TAI are those of astropy, over all leap seconds', () => {
  for (const moment of moments) {
    const utc = mjdUtc(parseIso(moment.utc));
    expect(Math.abs(utc - moment.mjdUtc)).toBeLessThanOrEqual(ULP);
    expect(taiMinusUtcSeconds(utc)).toBe(moment.taiMinusUtc);
    expect(Math.abs(mjdTaiFromUtc(utc) - moment.mjdTai)).toBeLessThanOrEqual(ULP);
    expect(Math.abs(mjdUtcFromTai(mjdTai(moment.mjdTai)) - moment.mjdUtc)).toBeLessThanOrEqual(2 * ULP);
    expect(taiNsFromUnixNs(nsFromIso(moment.utc))).toBe(BigInt(moment.taiNs));
    expect(mjdTaiFromTaiNs(taiNs(BigInt(moment.taiNs)))).toBeCloseTo(moment.mjdTai, 11);
    expect(isoUtc(utc)).toBe(`${moment.utc}Z`);
    expect(dayObs(mjdTai(moment.mjdTai))).toBe(moment.dayObs);
  }
});

test('the table of leap seconds ends on 2027-06-28', () => {
  expect(isoUtc(leapTableExpiryMjdUtc)).toBe('2027-06-28T00:00:00.000Z');
  expect(isPastLeapTable(mjdUtc(parseIso('2027-06-27T23:59:59')))).toBe(false);
  expect(isPastLeapTable(leapTableExpiryMjdUtc)).toBe(true);
  expect(taiMinusUtcSeconds(mjdUtc(70_000))).toBe(37);
});

test('there is no whole-second UTC before 1972', () => {
  expect(() => taiMinusUtcSeconds(mjdUtc(41_316))).toThrow('before 1972');
  expect(() => mjdUtcFromTai(mjdTai(41_317))).toThrow('before 1972');
});

describe('ISO 8601', () => {
  it('keeps nanoseconds', () => {
    expect(nsFromIso('1970-01-01T00:00:00.000000001')).toBe(1n);
    expect(nsFromIso('2025-05-22T05:20:46.866998076')).toBe(1747891246866998076n);
    expect(nsFromIso('2025-05-22T05:20:46.8669980769')).toBe(1747891246866998076n);
    expect(nsFromIso('1969-12-31T23:59:59.5Z')).toBe(-500_000_000n);
    expect(nsFromIso('2025-05-22')).toBe(1747872000000000000n);
  });

  it.each([
    '',
    'yesterday',
    '2025-5-22',
    '2025-02-29',
    '2025-13-01',
    '2025-05-22T24:00:00',
    '2016-12-31T23:59:60',
    '2025-05-22T05:20',
    '2025-05-22T05:20:46+01:00',
  ])('refuses "%s"', (text) => {
    expect(() => nsFromIso(text)).toThrow(RangeError);
  });
});

test('the forms of a moment agree', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 63_072_000_000_000_000n, max: 2_155_000_000_000_000_000n }), (ns) => {
      const tai = mjdTaiFromTaiNs(taiNs(ns));
      // Half a step is 314.3 ns.
      expect(Math.abs(Number(taiNsFromMjdTai(tai) - ns))).toBeLessThanOrEqual(315);
      expect(Math.abs(mjdTaiFromUnixTai(unixTaiFromMjdTai(tai)) - tai)).toBeLessThanOrEqual(ULP);
      expect(Math.abs(parseIso(isoTai(tai)) - tai)).toBeLessThanOrEqual(0.5001e-3 / 86_400);
    }),
    { numRuns: 200 },
  );
  expect(mjdUtcFromUnixMs(Date.UTC(2025, 5, 10, 12))).toBe(60_836.5);
});

test('an observing day begins at noon TAI', () => {
  expect(dayObs(mjdTai(parseIso('2025-06-10T11:59:59.999')))).toBe(20250609);
  expect(dayObs(mjdTai(parseIso('2025-06-10T12:00:00')))).toBe(20250610);
  expect(mjdDayFromDayObs(20250609)).toBe(60_835);
  fc.assert(
    fc.property(fc.integer({ min: 41_317, max: 90_000 }), (day) => {
      expect(mjdDayFromDayObs(dayObsFromMjdDay(day))).toBe(day);
    }),
    { numRuns: 200 },
  );
});

it.each([0, 2025, 20250230, 20251301, 20250609.5, Number.NaN])('%s is no observing day', (day) => {
  expect(() => mjdDayFromDayObs(day)).toThrow(RangeError);
});
