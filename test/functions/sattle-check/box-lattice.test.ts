import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ARCSEC_A_RADIAN,
  convexHull,
  fromPlane,
  normalize,
  polygonContains,
  type RaDec,
  separationArcsec,
  tangentPlane,
  toPlane,
  toRaDec,
  toVector,
  type Vector,
} from '#shared/domain/sky/vector.ts';
import { countSmall, onLattice } from '../../../functions/sattle-check/box-lattice.ts';

/** Anywhere, the poles and RA 0 among it. */
const boresights = fc.record({
  raDeg: fc.double({ min: 0, max: 360, noNaN: true }),
  decDeg: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, 90, -89.9, 0)),
});
const offset = fc.double({ min: -7000, max: 7000, noNaN: true });
const size = fc.double({ min: 0, max: 60, noNaN: true });
const turn = fc.double({ min: 0, max: 90, noNaN: true });

/** Corners of a turned rectangle in the boresight's tangent plane; offsets and sides in arcseconds. */
function box(boresight: RaDec, [x, y, width, height, degrees]: number[]): number[] {
  const plane = tangentPlane(boresight.raDeg, boresight.decDeg);
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  return [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ].flatMap(([u, v]) => {
    const [xi, eta] = [x + u * cos - v * sin, y + u * sin + v * cos];
    const { raDeg, decDeg } = toRaDec(fromPlane(plane, xi / ARCSEC_A_RADIAN, eta / ARCSEC_A_RADIAN));
    return [raDeg, decDeg];
  });
}

const cornersOf = (numbers: ArrayLike<number>): RaDec[] =>
  [0, 2, 4, 6].map((at) => ({ raDeg: numbers[at], decDeg: numbers[at + 1] }));
const vectors = (corners: readonly RaDec[]): Vector[] =>
  corners.map(({ raDeg, decDeg }) => toVector(raDeg, decDeg));

/** A place moved a 100,000th of an arcsecond towards the middle of a polygon, past the rounding of degrees. */
function inwards(place: Vector, polygon: readonly Vector[]): Vector {
  const middle = normalize([0, 1, 2].map((axis) => polygon.reduce((sum, v) => sum + v[axis], 0)) as never);
  const step = 1e-5 / ARCSEC_A_RADIAN;
  const length = Math.hypot(...middle.map((each, axis) => each - place[axis])) || 1;
  return normalize(place.map((each, axis) => each + ((middle[axis] - each) / length) * step) as never);
}

describe('a box on the lattice', () => {
  it('holds its box, reaches less than two cells beyond it, and is a cell wide at least', () => {
    fc.assert(
      fc.property(boresights, fc.tuple(offset, offset, size, size, turn), (boresight, shape) => {
        const corners = box(boresight, shape);
        const grown = cornersOf(onLattice(new Float64Array(corners), boresight));
        const hull = convexHull(vectors(grown));
        for (const corner of vectors(cornersOf(corners)))
          expect(polygonContains(hull, inwards(corner, hull))).toBe(true);
        const plane = tangentPlane(boresight.raDeg, boresight.decDeg);
        const lines = (all: readonly RaDec[]) =>
          vectors(all).map((v) => toPlane(plane, v) ?? { xi: 0, eta: 0 });
        for (const axis of ['xi', 'eta'] as const) {
          const [inner, outer] = [cornersOf(corners), grown].map((all) =>
            lines(all).map((at) => at[axis] * ARCSEC_A_RADIAN),
          );
          const [low, high] = [Math.min(...outer), Math.max(...outer)];
          expect(high - low).toBeGreaterThan(0.999);
          expect(Math.min(...inner) - low).toBeLessThan(1.001);
          expect(high - Math.max(...inner)).toBeLessThan(1.001);
          for (const line of outer) expect(Math.abs(line - Math.round(line))).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is the same one for all boxes within a cell, so that moving one tells nothing finer', () => {
    const boresight = { raDeg: 40, decDeg: -30 };
    const within = Array.from({ length: 50 }, (_, index) => [
      ...[200.01 + 0.0095 * index, -99.6, 0.01 * (index % 5), 0.02, 0],
    ]);
    const all = new Float64Array(within.flatMap((shape) => box(boresight, shape)));
    const corners = onLattice(all, boresight);
    expect(countSmall(all)).toBe(50);
    const [first] = cornersOf(corners);
    for (let each = 0; each < corners.length; each += 8) {
      const [corner] = cornersOf(corners.subarray(each));
      expect(separationArcsec(first.raDeg, first.decDeg, corner.raDeg, corner.decDeg)).toBeLessThan(1e-6);
    }
  });

  it('takes a point for a cell, and leaves alone what is not on this side of the sky', () => {
    const boresight = { raDeg: 40, decDeg: -30 };
    const point = [40, -30, 40, -30, 40, -30, 40, -30];
    const beyond = [220, 30, 220.1, 30, 220.1, 30.1, 220, 30.1];
    const corners = onLattice(new Float64Array([...point, ...beyond]), boresight);
    const [a, , c] = cornersOf(corners);
    expect(separationArcsec(a.raDeg, a.decDeg, c.raDeg, c.decDeg)).toBeCloseTo(Math.SQRT2, 6);
    expect([...corners.subarray(8)]).toEqual(beyond);
    expect(countSmall(new Float64Array([...point, ...beyond]))).toBe(1);
  });
});
