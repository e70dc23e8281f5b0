import { dot, toRaDec, toVector } from '#shared/domain/sky/vector.ts';
import { skyToPixel, type Wcs } from '#shared/domain/sky/wcs.ts';
import type { Disc } from './sky-cells.ts';
import { HALF_EXPOSURE, type Streak } from './streaks.ts';

/** A stretch of a streak on one detector, 0-based pixels; `fraction` of its exposure is spent there. */
export interface Chord {
  readonly from: { readonly x: number; readonly y: number };
  readonly to: { readonly x: number; readonly y: number };
  readonly fraction: number;
}

/** Pixels outside the detector from which the wings of a streak still reach it. */
const EDGE = 15;

/** The part of a streak on a detector, padded; undefined: it passes by. Within a detector a path is straight. */
export function chordOn(
  streak: Streak,
  wcs: Wcs,
  size: { width: number; height: number },
  disc: Disc,
): Chord | undefined {
  const span = spanWithin(streak, disc);
  if (!span) return undefined;
  const ends = span.map((second) => {
    const { raDeg, decDeg } = toRaDec(streak.directionAt(second));
    return skyToPixel(wcs, raDeg, decDeg);
  });
  const [from, to] = ends;
  if (!from || !to) return undefined;
  const clipped = clip(from, to, size);
  if (!clipped) return undefined;
  const [start, end] = clipped;
  const at = (part: number) => ({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part });
  return {
    from: at(start),
    to: at(end),
    fraction: ((end - start) * (span[1] - span[0])) / (2 * HALF_EXPOSURE),
  };
}

/** The times between which the streak is within the disc: entry and exit by bisection about the closest moment. */
function spanWithin(streak: Streak, disc: Disc): [number, number] | undefined {
  const centre = toVector(disc.raDeg, disc.decDeg);
  const limit = Math.cos((disc.radiusDeg * Math.PI) / 180);
  const closeness = (second: number) => dot(streak.directionAt(second), centre);
  let [low, high] = [-HALF_EXPOSURE, HALF_EXPOSURE];
  for (let pass = 0; pass < 60; pass++) {
    const third = (high - low) / 3;
    if (closeness(low + third) < closeness(high - third)) low += third;
    else high -= third;
  }
  const nearest = (low + high) / 2;
  if (closeness(nearest) < limit) return undefined;
  const edge = (outer: number) => {
    if (closeness(outer) >= limit) return outer;
    let [inside, outside] = [nearest, outer];
    for (let pass = 0; pass < 50; pass++) {
      const middle = (inside + outside) / 2;
      if (closeness(middle) >= limit) inside = middle;
      else outside = middle;
    }
    return inside;
  };
  return [edge(-HALF_EXPOSURE), edge(HALF_EXPOSURE)];
}

/** Liang and Barsky's clipping (1984) against the padded detector: the parts of the line between which it is in. */
function clip(
  from: { x: number; y: number },
  to: { x: number; y: number },
  { width, height }: { width: number; height: number },
): [number, number] | undefined {
  let [start, end] = [0, 1];
  const edges = [
    [from.x - to.x, from.x + EDGE],
    [to.x - from.x, width - 1 + EDGE - from.x],
    [from.y - to.y, from.y + EDGE],
    [to.y - from.y, height - 1 + EDGE - from.y],
  ];
  for (const [towards, room] of edges) {
    if (towards === 0 && room < 0) return undefined;
    if (towards < 0) start = Math.max(start, room / towards);
    if (towards > 0) end = Math.min(end, room / towards);
  }
  return start < end ? [start, end] : undefined;
}
