import { ARCSEC_A_RADIAN, RADIANS_A_DEGREE, type RaDec } from '#shared/domain/sky/vector.ts';

/**
 * Side of a cell, arcseconds. Where a corridor ends can be found to the cell and no finer, however small the boxes are
 * that ask for it or how little they are moved. Half the arcs' own chord error; against corridors of 36" to 180" it
 * removes 1.3 % more than the boxes themselves would. A source of one pixel, whose box of corner pixels is a point, is
 * asked about like any other, for the original's client sends those.
 */
export const cellArcsec = 1;

const cell = cellArcsec / ARCSEC_A_RADIAN;

/**
 * Bounding boxes (RA and Dec in degrees of four corners, eight numbers a box) grown outwards to whole cells of a lattice
 * on the boresight's tangent plane, in which great circles are straight, so that a grown box holds all of its box.
 * A box that reaches 90 degrees and more from the boresight stays as it is.
 */
export function onLattice(corners: Float64Array, { raDeg, decDeg }: RaDec): Float64Array<ArrayBuffer> {
  // Written out without a vector for each corner, for 1,000 sources take 0.5 ms so instead of 2.
  const ra0 = raDeg * RADIANS_A_DEGREE;
  const [sin0, cos0] = [Math.sin(decDeg * RADIANS_A_DEGREE), Math.cos(decDeg * RADIANS_A_DEGREE)];
  const grown = new Float64Array(corners);
  for (let box = 0; box < corners.length; box += 8) {
    let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
    let lowest = Infinity;
    for (let at = box; at < box + 8; at += 2) {
      const ra = corners[at] * RADIANS_A_DEGREE - ra0;
      const dec = corners[at + 1] * RADIANS_A_DEGREE;
      const [sin, cos, cosRa] = [Math.sin(dec), Math.cos(dec), Math.cos(ra)];
      const height = sin0 * sin + cos0 * cos * cosRa;
      const xi = (cos * Math.sin(ra)) / height;
      const eta = (cos0 * sin - sin0 * cos * cosRa) / height;
      lowest = Math.min(lowest, height);
      left = Math.min(left, xi);
      right = Math.max(right, xi);
      bottom = Math.min(bottom, eta);
      top = Math.max(top, eta);
    }
    if (!(lowest > 0)) continue;
    const [west, south] = [lineBelow(left), lineBelow(bottom)];
    const [east, north] = [lineAbove(right, west), lineAbove(top, south)];
    for (let corner = 0; corner < 4; corner++) {
      const xi = corner === 0 || corner === 3 ? west : east;
      const eta = corner < 2 ? south : north;
      const depth = cos0 - eta * sin0;
      grown[box + 2 * corner] = (ra0 + Math.atan2(xi, depth)) / RADIANS_A_DEGREE;
      grown[box + 2 * corner + 1] =
        Math.atan2(sin0 + eta * cos0, Math.sqrt(xi * xi + depth * depth)) / RADIANS_A_DEGREE;
    }
  }
  return grown;
}

/** How many boxes are smaller than a cell either way: a few are faint sources, many are probing. */
export function countSmall(corners: Float64Array): number {
  const cellDeg = cellArcsec / 3600;
  let small = 0;
  for (let box = 0; box < corners.length; box += 8) {
    let [west, east, south, north] = [0, 0, 90, -90];
    for (let at = box; at < box + 8; at += 2) {
      const ra = ((corners[at] - corners[box] + 540) % 360) - 180;
      west = Math.min(west, ra);
      east = Math.max(east, ra);
      south = Math.min(south, corners[at + 1]);
      north = Math.max(north, corners[at + 1]);
    }
    if (north - south < cellDeg && (east - west) * Math.cos(north * RADIANS_A_DEGREE) < cellDeg) small++;
  }
  return small;
}

const lineBelow = (place: number): number => Math.floor(place / cell) * cell;

/** At least a cell from the line on the other side. */
const lineAbove = (place: number, other: number): number =>
  Math.max(Math.ceil(place / cell), Math.round(other / cell) + 1) * cell;
