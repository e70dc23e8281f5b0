import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apertureFlux } from '#shared/domain/image/aperture.ts';

const side = 40;
const flat = {
  width: side,
  height: side,
  image: new Float32Array(side * side).fill(3),
  variance: new Float32Array(side * side).fill(2),
};

test('a flat image has the area of the circle in it, wherever it lies and however small it is', () => {
  const within = fc.double({ min: 12, max: 27, noNaN: true });
  const radii = fc.double({ min: 0.05, max: 12, noNaN: true });
  fc.assert(
    fc.property(within, within, radii, (x, y, radius) => {
      const { flux, truncated } = apertureFlux(flat, x, y, radius);
      expect(flux / (3 * Math.PI * radius * radius)).toBeCloseTo(1, 9);
      expect(truncated).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test('of a pixel cut in two half is counted, and the square of that of its variance', () => {
  const lit = { ...flat, image: new Float32Array(side * side) };
  lit.image[20 * side + 25] = 8;
  // So large a circle that its edge through the pixel is all but straight.
  const { flux } = apertureFlux(lit, 15, 20, 10);
  expect(flux / 8).toBeCloseTo(0.5, 1);
  const { fluxErr } = apertureFlux(flat, 20, 20, 0.5);
  expect(fluxErr).toBeCloseTo((Math.PI / 4) * Math.sqrt(2), 9);
});

test('a circle over the edge says so', () => {
  expect(apertureFlux(flat, 5, 20, 5.4).truncated).toBe(false);
  expect(apertureFlux(flat, 5, 20, 5.6).truncated).toBe(true);
});
