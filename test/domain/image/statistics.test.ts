import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { robustSigma } from '#shared/domain/image/statistics.ts';
import { random } from '../../support/scene.ts';

describe('the robust sigma', () => {
  it('is that of the negatives, and of any other order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 40 }), (values) => {
        const sigma = robustSigma(values);
        expect(robustSigma(values.map((value) => -value))).toBe(sigma);
        expect(robustSigma(values.toReversed())).toBe(sigma);
      }),
    );
  });

  it.each([6, 14, 30, 200])(
    'is within a tenth of that of a Gaussian on average, told by %i values',
    (count) => {
      const { normal } = random(count);
      let sum = 0;
      for (let trial = 0; trial < 4000; trial++) sum += robustSigma(Array.from({ length: count }, normal));
      expect(Math.abs(sum / 4000 - 1)).toBeLessThan(0.1);
    },
  );
});
