import { cross, dot, normalize, type Polygon, polygonContains, type Vector } from '../sky/vector.ts';

/** A piece of a great circle, shorter than 90 degrees. */
export interface Arc {
  readonly from: Vector;
  readonly to: Vector;
  /** Of its plane. NaN for an arc that is a point: every comparison below is false then, and its ends count. */
  readonly pole: Vector;
  /** Unit vectors in its plane at right angles to `from` and to `to`, each towards the other end. */
  readonly onward: Vector;
  readonly back: Vector;
}

/** Radians (0.0002") below which an arc is a point: the rounding of unit vectors would turn its plane by 1e-7. */
const shortest = 1e-9;

export function arcBetween(from: Vector, to: Vector): Arc {
  const pole: Vector =
    angleBetween(from, to) > shortest ? normalize(cross(from, to)) : [Number.NaN, Number.NaN, Number.NaN];
  return { from, to, pole, onward: cross(pole, from), back: cross(to, pole) };
}

/** Radians between two directions, exact for small angles. */
export const angleBetween = (a: Vector, b: Vector): number =>
  2 * Math.asin(Math.min(1, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2));

/** Radians from a direction to the nearest point of an arc. */
export function distanceToArc({ from, to, pole, onward, back }: Arc, v: Vector): number {
  if (dot(onward, v) >= 0 && dot(back, v) >= 0) return Math.asin(Math.min(1, Math.abs(dot(pole, v))));
  return Math.min(angleBetween(from, v), angleBetween(to, v));
}

/** Radians between the nearest points of two arcs; 0 where they cross. */
export function distanceOfArcs(a: Arc, b: Arc): number {
  if (doCross(a, b)) return 0;
  return Math.min(
    distanceToArc(a, b.from),
    distanceToArc(a, b.to),
    distanceToArc(b, a.from),
    distanceToArc(b, a.to),
  );
}

/** Each one's ends lie on different sides of the other, and not on the far side of the sphere. */
function doCross(a: Arc, b: Arc): boolean {
  return (
    dot(a.pole, b.from) * dot(a.pole, b.to) < 0 &&
    dot(b.pole, a.from) * dot(b.pole, a.to) < 0 &&
    dot(a.from, b.from) > 0
  );
}

/** Radians from a convex polygon with its inside to an arc; polygons of one or two corners are points and lines. */
export function distanceToPolygon(polygon: Polygon, arc: Arc): number {
  if (polygon.length > 2 && polygonContains(polygon, arc.from)) return 0;
  const edges = polygon.map((corner, i) => arcBetween(corner, polygon[(i + 1) % polygon.length]));
  return Math.min(...edges.map((edge) => distanceOfArcs(edge, arc)));
}
