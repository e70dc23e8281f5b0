import { MASK } from './masked-image.ts';

/** Connected pixels above the threshold, of either sign. */
export interface Footprint {
  /** Indices into the image, ascending. */
  readonly pixels: Int32Array;
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
}

/** Bits on which no source is believed: the pixel was not seen, or a saturated star's halo or the border is there. */
export const REJECTED = MASK.BAD | MASK.SAT | MASK.NO_DATA | MASK.EDGE | MASK.SUSPECT;

/** Footprints closer than this are one: LSST grows each by 2 px. */
const REACH = 4;

/**
 * Footprints of |score| > threshold, of both signs, in the order of their first pixels.
 *
 * @param reach pixels up to this far apart, along x and along y, are of one footprint: with 1 those that touch
 * @param isTaken whether a pixel above the threshold belongs to something else already
 */
export function detectFootprints(
  score: Float32Array,
  width: number,
  height: number,
  threshold: number,
  reach = REACH,
  isTaken: (at: number) => boolean = () => false,
): Footprint[] {
  const runs = runsAbove(score, width, height, threshold, isTaken);
  const parents = joinRuns(runs, reach);
  const groups = new Map<number, number[]>();
  for (let run = 0; run < runs.length; run++) {
    const root = rootOf(parents, run);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [run]);
    else group.push(run);
  }
  return [...groups.values()].map((group) =>
    footprintOf(
      group.map((run) => runs[run]),
      width,
    ),
  );
}

/** Neighbouring pixels of a row, from `first` to `last`. */
interface Run {
  readonly y: number;
  readonly first: number;
  readonly last: number;
}

function runsAbove(
  score: Float32Array,
  width: number,
  height: number,
  threshold: number,
  isTaken: (at: number) => boolean,
): Run[] {
  const runs: Run[] = [];
  for (let y = 0, at = 0; y < height; y++) {
    let first = -1;
    for (let x = 0; x < width; x++, at++) {
      if (Math.abs(score[at]) > threshold && !isTaken(at)) {
        if (first < 0) first = x;
      } else if (first >= 0) {
        runs.push({ y, first, last: x - 1 });
        first = -1;
      }
    }
    if (first >= 0) runs.push({ y, first, last: width - 1 });
  }
  return runs;
}

/** Parents of a forest whose trees are the runs that belong together; a root is the first run of its tree. */
function joinRuns(runs: readonly Run[], reach: number): Int32Array {
  const parents = Int32Array.from(runs, (_, run) => run);
  for (let run = 0, near = 0; run < runs.length; run++) {
    const { y, first, last } = runs[run];
    while (runs[near].y < y - reach) near++;
    for (let other = near; other < run; other++) {
      if (runs[other].first > last + reach || runs[other].last < first - reach) continue;
      const [a, b] = [rootOf(parents, other), rootOf(parents, run)];
      parents[Math.max(a, b)] = Math.min(a, b);
    }
  }
  return parents;
}

function rootOf(parents: Int32Array, run: number): number {
  let root = run;
  while (parents[root] !== root) root = parents[root];
  for (let at = run; at !== root; ) {
    const next = parents[at];
    parents[at] = root;
    at = next;
  }
  return root;
}

function footprintOf(runs: readonly Run[], width: number): Footprint {
  let [count, minX, maxX] = [0, width, 0];
  for (const { first, last } of runs) {
    count += last - first + 1;
    minX = Math.min(minX, first);
    maxX = Math.max(maxX, last);
  }
  const pixels = new Int32Array(count);
  let to = 0;
  for (const { y, first, last } of runs) {
    for (let x = first; x <= last; x++) pixels[to++] = y * width + x;
  }
  return { pixels, minX, maxX, minY: runs[0].y, maxY: runs[runs.length - 1].y };
}
