/** A direction on the sky as a unit vector, or any vector of three numbers: x towards (0, 0), z towards the north pole. */
export type Vector = readonly [x: number, y: number, z: number];

/** Position in degrees. */
export interface RaDec {
  readonly raDeg: number;
  readonly decDeg: number;
}

export const RADIANS_A_DEGREE = Math.PI / 180;
export const ARCSEC_A_RADIAN = (180 * 3600) / Math.PI;

export function toVector(raDeg: number, decDeg: number): Vector {
  const ra = raDeg * RADIANS_A_DEGREE;
  const dec = decDeg * RADIANS_A_DEGREE;
  return [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)];
}

/** Right ascension in [0, 360), for a vector of any length. */
export function toRaDec([x, y, z]: Vector): RaDec {
  const raDeg = Math.atan2(y, x) / RADIANS_A_DEGREE;
  const decDeg = Math.atan2(z, Math.hypot(x, y)) / RADIANS_A_DEGREE;
  return { raDeg: raDeg < 0 ? (raDeg + 360) % 360 : raDeg, decDeg };
}

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export function normalize([x, y, z]: Vector): Vector {
  const length = Math.sqrt(x * x + y * y + z * z);
  return [x / length, y / length, z / length];
}

/** Angle between two vectors in arcseconds, as exact near 0 and 180 degrees as elsewhere. */
export function angleArcsec(a: Vector, b: Vector): number {
  return Math.atan2(Math.hypot(...cross(a, b)), dot(a, b)) * ARCSEC_A_RADIAN;
}

export function separationArcsec(ra1Deg: number, dec1Deg: number, ra2Deg: number, dec2Deg: number): number {
  return angleArcsec(toVector(ra1Deg, dec1Deg), toVector(ra2Deg, dec2Deg));
}

/** The plane that touches the sphere at `origin`, with unit vectors to the east and to the north. */
export interface TangentPlane {
  readonly origin: Vector;
  readonly east: Vector;
  readonly north: Vector;
}

export function tangentPlane(raDeg: number, decDeg: number): TangentPlane {
  const ra = raDeg * RADIANS_A_DEGREE;
  const origin = toVector(raDeg, decDeg);
  const east: Vector = [-Math.sin(ra), Math.cos(ra), 0];
  return { origin, east, north: cross(origin, east) };
}

/** Gnomonic projection, radians: great circles become lines. Undefined 90 degrees and more from the origin. */
export function toPlane(plane: TangentPlane, v: Vector): { xi: number; eta: number } | undefined {
  const height = dot(v, plane.origin);
  return height > 0 ? { xi: dot(v, plane.east) / height, eta: dot(v, plane.north) / height } : undefined;
}

/** Unit vector of a point of the plane, inverse of {@link toPlane}. */
export function fromPlane({ origin, east, north }: TangentPlane, xi: number, eta: number): Vector {
  return normalize([
    origin[0] + xi * east[0] + eta * north[0],
    origin[1] + xi * east[1] + eta * north[1],
    origin[2] + xi * east[2] + eta * north[2],
  ]);
}

/**
 * A convex region of less than a hemisphere: unit vectors of its corners, counter-clockwise seen from outside the
 * sphere, joined by great circles.
 */
export type Polygon = readonly Vector[];

/** Rounding of a triple product of unit vectors; a point this near to an edge is on it. */
const ON_EDGE = 1e-15;

/** Whether a direction is inside or on the edge. */
export function polygonContains(polygon: Polygon, v: Vector): boolean {
  return polygon.every((corner, i) => dot(cross(corner, next(polygon, i)), v) >= -ON_EDGE);
}

/** Whether two polygons have a point in common; touching within rounding may count either way. */
export function polygonsOverlap(a: Polygon, b: Polygon): boolean {
  const circleA = boundingCircle(a);
  const circleB = boundingCircle(b);
  const distance = Math.atan2(
    Math.hypot(...cross(circleA.centre, circleB.centre)),
    dot(circleA.centre, circleB.centre),
  );
  // Without this, two polygons around opposite points could have no edge that separates them.
  if (distance > circleA.radius + circleB.radius) return false;
  return !hasSeparatingEdge(a, b) && !hasSeparatingEdge(b, a);
}

/** Whether some edge of `a` has all of `b` on its outer side. */
export function hasSeparatingEdge(a: Polygon, b: Polygon): boolean {
  return a.some((corner, i) => {
    const normal = cross(corner, next(a, i));
    return b.every((v) => dot(normal, v) < ON_EDGE);
  });
}

/**
 * A polygon that contains every point within `arcsec` of the given one, with the same number of corners: its edges
 * are moved outwards in the tangent plane of its centre by the padding times the largest stretch of that plane.
 */
export function padPolygon(polygon: Polygon, arcsec: number): Polygon {
  const plane = centralPlane(polygon);
  const corners = polygon.map((v) => pointInPlane(plane, v));
  const padding = arcsec / ARCSEC_A_RADIAN;
  const radius = Math.atan(Math.max(...corners.map(({ xi, eta }) => Math.hypot(xi, eta)))) + padding;
  const shift = Math.tan(padding) / Math.cos(radius) ** 2;
  return corners.map(({ xi, eta }, i) => {
    const before = outwardNormal(corners[(i + corners.length - 1) % corners.length], corners[i]);
    const after = outwardNormal(corners[i], corners[(i + 1) % corners.length]);
    // Where the two moved edges meet: along the sum of their normals, which stays well defined for a flat corner.
    const mitre = shift / (1 + before.xi * after.xi + before.eta * after.eta);
    return fromPlane(plane, xi + mitre * (before.xi + after.xi), eta + mitre * (before.eta + after.eta));
  });
}

/** Smallest convex polygon around directions that lie within one hemisphere; its corners are some of them, unchanged. */
export function convexHull(directions: readonly Vector[]): Polygon {
  const plane = centralPlane(directions);
  const points = directions
    .map((v) => ({ v, ...pointInPlane(plane, v) }))
    .sort((a, b) => a.xi - b.xi || a.eta - b.eta);
  const half = (ordered: typeof points) => {
    const chain: typeof points = [];
    for (const point of ordered) {
      while (chain.length > 1 && turn(chain[chain.length - 2], chain[chain.length - 1], point) <= 0)
        chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(points), ...half(points.toReversed())].map(({ v }) => v);
}

/** A circle that contains the polygon: direction of its centre and radius in radians. */
export function boundingCircle(polygon: Polygon): { centre: Vector; radius: number } {
  const centre = meanDirection(polygon);
  const radius = Math.max(...polygon.map((v) => Math.atan2(Math.hypot(...cross(centre, v)), dot(centre, v))));
  return { centre, radius };
}

interface Point {
  readonly xi: number;
  readonly eta: number;
}

const next = (polygon: Polygon, i: number): Vector => polygon[(i + 1) % polygon.length];

function meanDirection(directions: readonly Vector[]): Vector {
  const sum = directions.reduce((a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]], [0, 0, 0]);
  return normalize(sum);
}

function centralPlane(directions: readonly Vector[]): TangentPlane {
  const { raDeg, decDeg } = toRaDec(meanDirection(directions));
  return tangentPlane(raDeg, decDeg);
}

function pointInPlane(plane: TangentPlane, v: Vector): Point {
  const point = toPlane(plane, v);
  if (!point)
    throw new RangeError(
      `The directions do not lie in one hemisphere: (${v.join(', ')}) is opposite to the rest.`,
    );
  return point;
}

/** Positive where a, b, c turn to the left. */
const turn = (a: Point, b: Point, c: Point): number =>
  (b.xi - a.xi) * (c.eta - a.eta) - (b.eta - a.eta) * (c.xi - a.xi);

function outwardNormal(from: Point, to: Point): Point {
  const length = Math.hypot(to.xi - from.xi, to.eta - from.eta);
  return { xi: (to.eta - from.eta) / length, eta: -(to.xi - from.xi) / length };
}
