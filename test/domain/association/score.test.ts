import { describe, expect, it } from 'vitest';
import { hasErrors, negativeLogLikelihood, type Position } from '#shared/domain/association/score.ts';

const arcsec = 1 / 3600;
const at = (ra: number, dec: number, sigmaArcsec: number | null): Position => {
  const error = sigmaArcsec === null ? null : sigmaArcsec * arcsec;
  return { ra, dec, raErr: error, decErr: error };
};
const half = (variance: number) => Math.log(variance ** 2) / 2;

describe('negativeLogLikelihood', () => {
  it('is 0.25 + ln(V^2)/2 at 0.05" with errors of 0.05", V being twice the squared error', () => {
    const variance = 2 * (0.05 * arcsec) ** 2;
    expect(negativeLogLikelihood(at(0, 0, 0.05), at(0, 0.05 * arcsec, 0.05))).toBeCloseTo(
      0.25 + half(variance),
      12,
    );
  });

  it('takes 0.2" for an error that is not known, so that 0.5" is a chi square of 3.125', () => {
    const variance = 2 * (0.2 * arcsec) ** 2;
    const nll = negativeLogLikelihood(at(0, 0, null), at(0, 0.5 * arcsec, null));
    expect(2 * (nll - half(variance))).toBeCloseTo(3.125, 9);
    expect(negativeLogLikelihood(at(0, 0, 0), at(0, 0.5 * arcsec, null))).toBe(nll);
  });

  it('has a chi square of 50 at 0.5" with errors of 0.05"', () => {
    const variance = 2 * (0.05 * arcsec) ** 2;
    const nll = negativeLogLikelihood(at(0, 0, 0.05), at(0, 0.5 * arcsec, 0.05));
    expect(2 * (nll - half(variance))).toBeCloseTo(50, 9);
  });

  it('never trusts a position to better than 0.05"', () => {
    const variance = (0.05 * arcsec) ** 2;
    expect(negativeLogLikelihood(at(0, 0, 0.001), at(0, 0, 0.001))).toBeCloseTo(half(variance), 9);
  });

  it('measures right ascension along the great circle, as its error is, and across 0', () => {
    const equator = negativeLogLikelihood(at(359.9999, 0, 0.05), at(0.0001, 0, 0.05));
    expect(negativeLogLikelihood(at(359.9998, 60, 0.05), at(0.0002, 60, 0.05))).toBeCloseTo(equator, 6);
  });
});

it('knows errors only where both are positive numbers', () => {
  expect(hasErrors(at(0, 0, 0.1))).toBe(true);
  expect(hasErrors({ ...at(0, 0, 0.1), decErr: null })).toBe(false);
  expect(hasErrors({ ...at(0, 0, 0.1), raErr: 0 })).toBe(false);
});
