import { solveSymmetric } from './linear-algebra.ts';
import type { Pairs, Points } from './star-pairs.ts';

/**
 * From pixels of an image to pixels of its predicted coordinates, both as offsets (u, v) from `centre`: coefficients of
 * 1, u, v and, of second order, u², uv, v².
 */
export interface PlaneFit {
  readonly order: 0 | 1 | 2;
  readonly centre: readonly [number, number];
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Predicted pixel of the image's pixel (x, y). */
  apply(x: number, y: number, out: Float64Array): void;
}

export function planeFit(
  order: PlaneFit['order'],
  centre: PlaneFit['centre'],
  x: readonly number[],
  y: readonly number[],
): PlaneFit {
  const [x0, xu, xv, xuu = 0, xuv = 0, xvv = 0] = x;
  const [y0, yu, yv, yuu = 0, yuv = 0, yvv = 0] = y;
  return {
    order,
    centre,
    x,
    y,
    apply(px, py, out) {
      const u = px - centre[0];
      const v = py - centre[1];
      out[0] = centre[0] + x0 + xu * u + xv * v + xuu * u * u + xuv * u * v + xvv * v * v;
      out[1] = centre[1] + y0 + yu * u + yv * v + yuu * u * u + yuv * u * v + yvv * v * v;
    },
  };
}

/** Scale of the offsets in the normal equations, so that their terms are of one size. */
const UNIT = 1000;

/**
 * Least squares over the pairs. Of order 0 only the shift of `start` is fitted.
 *
 * @returns `start` where the pairs do not determine the terms
 */
export function fitPlane(
  image: Points,
  catalogue: Points,
  { stars, references }: Pairs,
  centre: PlaneFit['centre'],
  order: PlaneFit['order'],
  start: PlaneFit,
): PlaneFit {
  const terms = [1, 3, 6][order];
  const normal = new Float64Array(terms * terms);
  const rightX = new Float64Array(terms);
  const rightY = new Float64Array(terms);
  const at = new Float64Array(2);
  for (let k = 0; k < stars.length; k++) {
    const [x, y] = [image.x[stars[k]], image.y[stars[k]]];
    start.apply(x, y, at);
    const u = (x - centre[0]) / UNIT;
    const v = (y - centre[1]) / UNIT;
    const basis = [1, u, v, u * u, u * v, v * v];
    for (let i = 0; i < terms; i++) {
      for (let j = 0; j < terms; j++) normal[i * terms + j] += basis[i] * basis[j];
      rightX[i] += basis[i] * (catalogue.x[references[k]] - at[0]);
      rightY[i] += basis[i] * (catalogue.y[references[k]] - at[1]);
    }
  }
  const [addX, addY] = [solveSymmetric(normal, rightX, 0), solveSymmetric(normal, rightY, 0)];
  if (addX === undefined || addY === undefined) return start;
  const sum = (old: readonly number[], added: Float64Array): number[] =>
    Array.from(
      { length: Math.max(old.length, terms) },
      (_, k) => (old[k] ?? 0) + (added[k] ?? 0) / UNIT ** [0, 1, 1, 2, 2, 2][k],
    );
  return planeFit(order, centre, sum(start.x, addX), sum(start.y, addY));
}
