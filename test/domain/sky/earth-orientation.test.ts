import { describe, expect, it } from 'vitest';
import { lastMeasuredMjdUtc, rows, stepDays } from '#shared/domain/sky/earth-orientation.generated.ts';
import { orientationAt, orientationHorizonMjdUtc } from '#shared/domain/sky/earth-orientation.ts';

describe('the table of the Earth’s orientation', () => {
  it('goes in equal steps from 2010 to a year after what was measured', () => {
    for (const [index, [mjd]] of rows.entries()) expect(mjd).toBe(55_197 + index * stepDays);
    expect(orientationHorizonMjdUtc).toBe(rows.at(-1)![0]);
    expect(orientationHorizonMjdUtc - lastMeasuredMjdUtc).toBeGreaterThan(330);
  });

  it('stays within what UTC is held to and where the pole wanders', () => {
    for (const [, ut1MinusUtc, x, y] of rows) {
      expect(Math.abs(ut1MinusUtc)).toBeLessThan(0.9);
      expect(Math.hypot(x, y)).toBeLessThan(0.6);
    }
  });

  // From the other series of IERS, 20 C04, at 0 h UTC: UT1 - UTC in seconds, x and y in arcseconds.
  it.each([
    ['2010-01-01', 55_197, 0.1141359, 0.09867, 0.19284],
    ['2012-06-30, before a leap second', 56_108, -0.5868284, 0.092807, 0.409396],
    ['2012-07-01, after it', 56_109, 0.4132541, 0.094086, 0.409206],
    ['2016-12-31, before a leap second', 57_753, -0.4077697, 0.08144, 0.263099],
    ['2017-01-01, after it', 57_754, 0.591287, 0.080549, 0.263128],
    ['2022-08-09', 59_800, -0.0318907, 0.293261, 0.386205],
    ['2025-01-06', 60_681, 0.0444495, 0.139653, 0.305327],
    ['2026-01-01', 61_041, 0.0740869, 0.110512, 0.331193],
  ])('has the published values of %s', (_, mjd, ut1MinusUtc, x, y) => {
    const orientation = orientationAt(mjd);
    expect(Math.abs(orientation.ut1MinusUtcSeconds - ut1MinusUtc)).toBeLessThan(0.001);
    expect(Math.abs(orientation.poleXArcsec - x)).toBeLessThan(0.0025);
    expect(Math.abs(orientation.poleYArcsec - y)).toBeLessThan(0.0025);
  });

  it('leaps with UTC in the moment of a leap second', () => {
    const [before, after] = [orientationAt(57_754 - 1e-6), orientationAt(57_754)];
    expect(after.ut1MinusUtcSeconds - before.ut1MinusUtcSeconds).toBeCloseTo(1, 5);
  });

  it('keeps its last values beyond the horizon, and says how far they may be off', () => {
    const last = orientationAt(orientationHorizonMjdUtc);
    const later = orientationAt(orientationHorizonMjdUtc + 100);
    expect(later).toEqual({ ...last, ut1ErrorSeconds: expect.closeTo(last.ut1ErrorSeconds + 0.1, 9) });
    expect(orientationAt(lastMeasuredMjdUtc).ut1ErrorSeconds).toBe(0.001);
    // The last row of the release's own column of errors (for 364 days) says 0.02505 s.
    expect(orientationAt(lastMeasuredMjdUtc + 365).ut1ErrorSeconds - 0.001).toBeCloseTo(0.02505, 4);
  });

  it('tells nothing of a time before it begins', () => {
    expect(() => orientationAt(55_196.9)).toThrow('begins at MJD 55197');
    expect(() => orientationAt(Number.NaN)).toThrow(RangeError);
  });
});
