import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultUncertainty, halfWidth, paddingSeconds } from '#shared/domain/satellites/uncertainty.ts';
import { ARCSEC_A_RADIAN } from '#shared/domain/sky/vector.ts';

const arcsec = (...of: Parameters<typeof halfWidth>) => halfWidth(...of) * ARCSEC_A_RADIAN;

describe('a corridor', () => {
  // 3 x (0.1 km + 0.05 km a day) over the range.
  it.each([
    ['geostationary, fresh', 0, 36_000, 36],
    ['geostationary, a month old', 30, 36_000, 36],
    ['at 1,000 km, fresh', 0, 1000, 61.88],
    ['at 1,000 km, a day old', 1, 1000, 92.82],
    ['at 1,000 km, of a day later', 2, 1000, 123.76],
    ['at 500 km, fresh', 0, 500, 123.76],
    ['at 300 km, fresh', 0, 300, 180],
    ['at 2,000 km, years old', 2000, 2000, 180],
  ])('is as wide as the satellite may be off: %s', (_, ageDays, rangeKm, wide) => {
    expect(arcsec(defaultUncertainty, ageDays, rangeKm, 0)).toBeCloseTo(wide, 1);
  });

  it('is wider where the Earth’s orientation is not known, and otherwise as configured', () => {
    // A year beyond the table's horizon: 0.39 s, in which the observatory goes 157 m.
    expect(arcsec(defaultUncertainty, 0, 1000, 0.157)).toBeCloseTo(61.88 + 32.38, 1);
    expect(arcsec({ crossTrackKm: 0, crossTrackKmPerDay: 0 }, 3, 400, 0)).toBeCloseTo(36, 9);
    expect(arcsec({ crossTrackKm: 0.2, crossTrackKmPerDay: 0 }, 3, 1000, 0)).toBeCloseTo(123.76, 1);
  });

  it('is from 36" to 180" wide, and never narrower with age or nearer by', () => {
    const number = (max: number) => fc.double({ min: 0, max, noNaN: true });
    fc.assert(
      fc.property(
        number(1),
        number(1),
        number(40),
        number(40),
        number(5e4),
        number(5e4),
        (a, b, t, u, r, s) => {
          const uncertainty = { crossTrackKm: a, crossTrackKmPerDay: b };
          const [young, old] = [Math.min(t, u), Math.max(t, u)];
          const [near, far] = [Math.min(r, s) + 100, Math.max(r, s) + 100];
          const narrow = arcsec(uncertainty, young, far, 0);
          expect(narrow).toBeGreaterThanOrEqual(36 - 1e-9);
          expect(arcsec(uncertainty, old, near, 0)).toBeGreaterThanOrEqual(narrow);
          expect(arcsec(uncertainty, old, near, 0)).toBeLessThanOrEqual(180 + 1e-9);
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('the padding is 2 s and 1 s a day, to its bound', () => {
  expect([0, 0.5, 3, 10, 30, 2000].map(paddingSeconds)).toEqual([2, 2.5, 5, 12, 32, 32]);
});
