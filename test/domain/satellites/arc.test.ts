import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  angleBetween,
  arcBetween,
  distanceOfArcs,
  distanceToArc,
  distanceToPolygon,
} from '#shared/domain/satellites/arc.ts';
import { ARCSEC_A_RADIAN, convexHull, normalize, toVector, type Vector } from '#shared/domain/sky/vector.ts';

const place = fc.record({
  ra: fc.double({ min: -20, max: 380, noNaN: true }),
  dec: fc.double({ min: -90, max: 90, noNaN: true }),
});
const direction = place.map(({ ra, dec }) => toVector(ra, dec));
/** A place up to about 100" from another. */
const near = (v: Vector) =>
  fc
    .tuple(...[0, 1, 2].map(() => fc.double({ min: -5e-4, max: 5e-4, noNaN: true })))
    .map(([x, y, z]) => normalize([v[0] + x, v[1] + y, v[2] + z]));
const nearArc = direction.chain((v) => fc.tuple(near(v), near(v)));
const along = (from: Vector, to: Vector, part: number): Vector =>
  normalize([0, 1, 2].map((i) => from[i] + part * (to[i] - from[i])) as [number, number, number]);
const parts = Array.from({ length: 401 }, (_, step) => step / 400);

describe('distances on the sphere', () => {
  it('to an arc is the least to its points, everywhere on the sphere and at its poles', () => {
    const cases = direction.chain((v) => fc.tuple(near(v), near(v), near(v)));
    fc.assert(
      fc.property(cases, ([from, to, v]) => {
        const sampled = Math.min(...parts.map((part) => angleBetween(along(from, to, part), v)));
        const distance = distanceToArc(arcBetween(from, to), v);
        const step = angleBetween(from, to) / 400;
        expect(distance).toBeLessThan(sampled + 1e-9);
        expect(distance).toBeGreaterThan(sampled - step - 1e-9);
      }),
      { numRuns: 200 },
    );
  });

  it('between two arcs is the least to the points of either, and 0 where they cross', () => {
    const cases = direction.chain((v) => fc.tuple(near(v), near(v), near(v), near(v)));
    fc.assert(
      fc.property(cases, ([a, b, c, d]) => {
        const [first, second] = [arcBetween(a, b), arcBetween(c, d)];
        const sampled = Math.min(...parts.map((part) => distanceToArc(second, along(a, b, part))));
        const distance = distanceOfArcs(first, second);
        expect(distance).toBe(distanceOfArcs(second, first));
        expect(distance).toBeLessThan(sampled + 1e-9);
        expect(distance).toBeGreaterThan(sampled - angleBetween(a, b) / 400 - 1e-9);
      }),
      { numRuns: 200 },
    );
  });

  it('takes an arc without length for a point', () => {
    fc.assert(
      fc.property(nearArc, ([point, v]) => {
        const arc = arcBetween(point, point);
        expect(distanceToArc(arc, v)).toBe(angleBetween(point, v));
        expect(distanceOfArcs(arc, arcBetween(v, v))).toBe(angleBetween(point, v));
      }),
      { numRuns: 200 },
    );
  });

  const arcAt = (...[ra1, dec1, ra2, dec2]: number[]) => arcBetween(toVector(ra1, dec1), toVector(ra2, dec2));
  const box = (ra: number, dec: number, halfRa: number, halfDec: number) =>
    convexHull([
      toVector(ra - halfRa, dec - halfDec),
      toVector(ra + halfRa, dec - halfDec),
      toVector(ra + halfRa, dec + halfDec),
      toVector(ra - halfRa, dec + halfDec),
    ]);

  it.each([
    ['across the box', box(180.05, -23.05, 0.05, 0.05), arcAt(179, -23.05, 181, -23.05), 0],
    ['within the box', box(180.05, -23.05, 0.05, 0.05), arcAt(180.04, -23.05, 180.06, -23.05), 0],
    ['that ends in the box', box(180.05, -23.05, 0.05, 0.05), arcAt(180.05, -23.05, 180.05, -22), 0],
    ['100" north of the box', box(0, 0, 0.01, 0.01), arcAt(0, 0.01 + 100 / 3600, 0, 1), 100],
    ['across RA 0', box(359.9999, 0, 0.01, 0.01), arcAt(0.0101, 0, 0.5, 0), 0.72],
    ['beside the pole', box(0, 89.99, 0.001, 0.001), arcAt(180, 89.99, 170, 89.98), 0.019 * 3600],
    ['beside a box that is a point', box(50, 20, 0, 0), arcAt(50, 20.01, 50, 21), 36],
    ['beside a box that is a line', box(50, 0, 0.01, 0), arcAt(50, 0.02, 50, 1), 72],
    ['on the far side of the sphere', box(0, 0, 0, 0), arcAt(180, 1, 180, 2), 178 * 3600],
  ])('to a box is right for an arc %s', (_, polygon, arc, arcsec) => {
    expect(distanceToPolygon(polygon, arc) * ARCSEC_A_RADIAN).toBeCloseTo(arcsec, 5);
  });
});
