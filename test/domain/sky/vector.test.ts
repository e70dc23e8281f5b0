import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ARCSEC_A_RADIAN,
  angleArcsec,
  convexHull,
  cross,
  fromPlane,
  padPolygon,
  polygonContains,
  polygonsOverlap,
  separationArcsec,
  tangentPlane,
  toPlane,
  toRaDec,
  toVector,
  type Vector,
} from '#shared/domain/sky/vector.ts';

const oracle: {
  envelopes: { points: Vector[]; hull: Vector[] }[];
  overlaps: { a: Vector[]; b: Vector[]; overlap: boolean; point: Vector; contains: boolean }[];
} = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/sky/sphgeom.json'), 'utf8'));

const raDec = fc.record({
  raDeg: fc.double({ min: 0, max: 360, noNaN: true, maxExcluded: true }),
  decDeg: fc.double({ min: -90, max: 90, noNaN: true }),
});

test('positions survive as vectors', () => {
  fc.assert(
    fc.property(raDec, ({ raDeg, decDeg }) => {
      const back = toRaDec(toVector(raDeg, decDeg));
      expect(back.raDeg).toBeGreaterThanOrEqual(0);
      expect(back.raDeg).toBeLessThan(360);
      expect(separationArcsec(raDeg, decDeg, back.raDeg, back.decDeg)).toBeLessThan(1e-9);
    }),
    { numRuns: 200 },
  );
});

test('a right ascension just below zero becomes 0 and not 360', () => {
  expect(toRaDec([1, -1e-300, 0]).raDeg).toBe(0);
});

test('separations, also tiny, across zero, at a pole and opposite', () => {
  expect(separationArcsec(10, 20, 10, 20 + 1e-9)).toBeCloseTo(3.6e-6, 9);
  expect(separationArcsec(359.99999, 0, 0.00001, 0)).toBeCloseTo(0.072, 9);
  expect(separationArcsec(0, 90, 123, 90)).toBeCloseTo(0, 9);
  expect(separationArcsec(10, 20, 190, -20)).toBeCloseTo(180 * 3600, 6);
});

test('the tangent plane is undone, and ends at 90 degrees', () => {
  const plane = tangentPlane(200, -45);
  const point = toPlane(plane, fromPlane(plane, 0.3, -2))!;
  expect(point.xi).toBeCloseTo(0.3, 14);
  expect(point.eta).toBeCloseTo(-2, 14);
  expect(toPlane(plane, toVector(20, 45))).toBeUndefined();
});

test('overlap and containment are those of sphgeom', () => {
  for (const { a, b, overlap, point, contains } of oracle.overlaps) {
    expect(polygonsOverlap(a, b)).toBe(overlap);
    expect(polygonsOverlap(b, a)).toBe(overlap);
    expect(polygonContains(a, point)).toBe(contains);
  }
});

test('a convex hull has the corners of sphgeom, in its sense of turning', () => {
  for (const { points, hull } of oracle.envelopes) {
    const ours = convexHull(points);
    expect(ours).toHaveLength(hull.length);
    const first = ours.findIndex((v) => angleArcsec(v, hull[0]) < 1e-9);
    for (const [i, v] of hull.entries())
      expect(angleArcsec(ours[(first + i) % ours.length], v)).toBeLessThan(1e-9);
  }
});

test('a hull wants one hemisphere', () => {
  expect(() => convexHull([toVector(0, 0), toVector(10, 0), toVector(5, 10), toVector(187, 0)])).toThrow(
    'one hemisphere',
  );
});

/** The point at `along` of an edge, moved outwards at a right angle to the edge. */
function beyondEdge(polygon: readonly Vector[], edge: number, along: number, arcsec: number): Vector {
  const from = polygon[edge % polygon.length];
  const to = polygon[(edge + 1) % polygon.length];
  const on = combine(from, 1 - along, to, along);
  const outward = cross(to, from);
  const angle = arcsec / ARCSEC_A_RADIAN;
  return combine(on, Math.cos(angle) / Math.hypot(...on), outward, Math.sin(angle) / Math.hypot(...outward));
}

const combine = (a: Vector, s: number, b: Vector, t: number): Vector => [
  a[0] * s + b[0] * t,
  a[1] * s + b[1] * t,
  a[2] * s + b[2] * t,
];

test('a padded polygon has everything within the padding, and little beyond where it is small', () => {
  const around = fc.record({
    polygon: fc.constantFrom(...oracle.overlaps.map(({ a }) => a)),
    paddingArcsec: fc.double({ min: 1, max: 3600, noNaN: true }),
    along: fc.double({ min: 0, max: 1, noNaN: true }),
    edge: fc.nat(100),
  });
  fc.assert(
    fc.property(around, ({ polygon, paddingArcsec, along, edge }) => {
      const padded = padPolygon(polygon, paddingArcsec);
      expect(polygonContains(padded, beyondEdge(polygon, edge, along, paddingArcsec * 0.999999))).toBe(true);
      const small = polygon.every((v) => angleArcsec(v, polygon[0]) < 3 * 3600);
      if (small)
        expect(polygonContains(padded, beyondEdge(polygon, edge, along, paddingArcsec * 1.02))).toBe(false);
    }),
    { numRuns: 200 },
  );
});
