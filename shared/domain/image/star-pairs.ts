import type { PlaneFit } from './plane-fit.ts';

/** Positions in pixels, brightest first. */
export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Indices of stars on the image and of their references. */
export interface Pairs {
  readonly stars: Int32Array;
  readonly references: Int32Array;
}

/** Side of a cell in pixels, above every reach; 4,000 references of a detector come to one for every fourth cell. */
const CELL = 32;

export function pointsOf(positions: readonly { readonly x: number; readonly y: number }[]): Points {
  return {
    x: Float64Array.from(positions, ({ x }) => x),
    y: Float64Array.from(positions, ({ y }) => y),
  };
}

/** Stars and references that are each other's nearest within `reach` pixels (at most 32), where `fit` takes the stars. */
export function pairUp(image: Points, catalogue: Points, fit: PlaneFit, reach: number): Pairs {
  const count = image.x.length;
  const cells = cellsOf(catalogue, reach);
  const nearest = new Int32Array(count).fill(-1);
  const owners = new Int32Array(catalogue.x.length).fill(-1);
  const distances = new Float64Array(catalogue.x.length);
  const at = new Float64Array(2);
  for (let star = 0; star < count; star++) {
    fit.apply(image.x[star], image.y[star], at);
    const { index, distance } = cells.nearest(at[0], at[1]);
    nearest[star] = index;
    if (index < 0 || (owners[index] >= 0 && distances[index] <= distance)) continue;
    owners[index] = star;
    distances[index] = distance;
  }
  const references = Int32Array.from(owners.keys()).filter((reference) => owners[reference] >= 0);
  return { stars: references.map((reference) => owners[reference]), references };
}

/** Points by square cells, as lists in one array, in order of cell. */
function cellsOf({ x, y }: Points, reach: number) {
  const bounds = (values: Float64Array): [number, number] => {
    const first = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    return [first, values.reduce((a, b) => Math.max(a, b), first)];
  };
  const [[left, right], [bottom, top]] = [bounds(x), bounds(y)];
  const columns = Math.max(1, Math.floor((right - left) / CELL) + 1);
  const rows = Math.max(1, Math.floor((top - bottom) / CELL) + 1);
  const cellOf = (k: number): number =>
    Math.floor((y[k] - bottom) / CELL) * columns + Math.floor((x[k] - left) / CELL);
  const starts = new Int32Array(columns * rows + 1);
  for (let k = 0; k < x.length; k++) starts[cellOf(k) + 1]++;
  for (let cell = 0; cell < columns * rows; cell++) starts[cell + 1] += starts[cell];
  const members = new Int32Array(x.length);
  const next = starts.slice();
  for (let k = 0; k < x.length; k++) members[next[cellOf(k)]++] = k;
  return {
    /** Index of the nearest point within `reach`, -1 where there is none. */
    nearest(px: number, py: number): { index: number; distance: number } {
      const i = Math.floor((px - left) / CELL);
      const j = Math.floor((py - bottom) / CELL);
      let best = -1;
      let least = reach * reach;
      for (let cj = Math.max(0, j - 1); cj <= Math.min(rows - 1, j + 1); cj++) {
        const first = starts[cj * columns + Math.min(columns, Math.max(0, i - 1))];
        const end = starts[cj * columns + Math.max(0, Math.min(columns, i + 2))];
        for (let at = first; at < end; at++) {
          const k = members[at];
          const square = (x[k] - px) ** 2 + (y[k] - py) ** 2;
          if (square > least) continue;
          least = square;
          best = k;
        }
      }
      return { index: best, distance: Math.sqrt(least) };
    },
  };
}
