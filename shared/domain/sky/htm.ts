import { cross, dot, hasSeparatingEdge, normalize, type Polygon, toVector, type Vector } from './vector.ts';

/**
 * Hierarchical Triangular Mesh (Kunszt et al. 2001): the octahedron's eight faces 8 to 15, each split in four again and
 * again. An index has two bits a level below its face, so level 7 has 131,072 trixels of about 0.6 degree.
 */
type Trixel = readonly [Vector, Vector, Vector];

const X: Vector = [1, 0, 0];
const Y: Vector = [0, 1, 0];
const Z: Vector = [0, 0, 1];
const negative = ([x, y, z]: Vector): Vector => [-x, -y, -z];

const FIRST_FACE = 8;
const faces: readonly Trixel[] = [
  [X, negative(Z), Y],
  [Y, negative(Z), negative(X)],
  [negative(X), negative(Z), negative(Y)],
  [negative(Y), negative(Z), X],
  [X, Z, negative(Y)],
  [negative(Y), Z, negative(X)],
  [negative(X), Z, Y],
  [Y, Z, X],
];

/** Index of the trixel with a position, at level 0 to 24 (51 bits); on an edge, of one of those that share it. */
export function htmIndex(raDeg: number, decDeg: number, level: number): number {
  checkLevel(level);
  const v = toVector(raDeg, decDeg);
  const face = deepest(faces, v);
  let index = FIRST_FACE + face;
  let trixel = faces[face];
  for (let i = 0; i < level; i++) {
    const children = split(trixel);
    const child = deepest(children, v);
    index = index * 4 + child;
    trixel = children[child];
  }
  return index;
}

/** Ascending indices of all trixels of a level that touch a polygon; the same set as sphgeom's `envelope`. */
export function htmEnvelope(polygon: Polygon, level: number): number[] {
  checkLevel(level);
  const found: number[] = [];
  const visit = (trixel: Trixel, index: number, depth: number): void => {
    if (hasSeparatingEdge(trixel, polygon) || hasSeparatingEdge(polygon, trixel)) return;
    if (depth === level) found.push(index);
    else for (const [i, child] of split(trixel).entries()) visit(child, index * 4 + i, depth + 1);
  };
  for (const [i, face] of faces.entries()) visit(face, FIRST_FACE + i, 0);
  return found;
}

/** Which trixel has the direction farthest inside its edges; the first of equals. */
function deepest(trixels: readonly Trixel[], v: Vector): number {
  const depths = trixels.map(([a, b, c]) =>
    Math.min(dot(cross(a, b), v), dot(cross(b, c), v), dot(cross(c, a), v)),
  );
  return depths.indexOf(Math.max(...depths));
}

function split([v0, v1, v2]: Trixel): readonly Trixel[] {
  const w0 = middle(v1, v2);
  const w1 = middle(v2, v0);
  const w2 = middle(v0, v1);
  return [
    [v0, w2, w1],
    [v1, w0, w2],
    [v2, w1, w0],
    [w0, w1, w2],
  ];
}

const middle = (a: Vector, b: Vector): Vector => normalize([a[0] + b[0], a[1] + b[1], a[2] + b[2]]);

function checkLevel(level: number): void {
  if (Number.isInteger(level) && level >= 0 && level <= 24) return;
  throw new RangeError(`The HTM level ${level} is not a whole number from 0 to 24.`);
}
