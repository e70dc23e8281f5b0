import {
  ARCSEC_A_RADIAN,
  fromPlane,
  type RaDec,
  type TangentPlane,
  tangentPlane,
  toPlane,
  toRaDec,
  toVector,
} from '#shared/domain/sky/vector.ts';

/**
 * Side of a cell, arcseconds. Where a corridor ends can be found to the cell and no finer, however small the boxes are
 * that ask for it or how little they are moved. Half the arcs' own chord error; against a half-width of 36" it removes
 * 1 to 4 % more than the boxes themselves would. A source of one pixel (0.2", and as a box of corner pixels 0") is
 * asked about like any other, for the original's client sends those.
 */
export const cellArcsec = 1;

const cell = cellArcsec / ARCSEC_A_RADIAN;

export interface LatticeBoxes {
  /** As {@link onLattice} takes them. */
  readonly corners: Float64Array<ArrayBuffer>;
  /** How many of the boxes were smaller than a cell either way. */
  readonly small: number;
}

/**
 * Bounding boxes (RA and Dec in degrees of four corners, eight numbers a box) grown outwards to whole cells of a lattice
 * on the boresight's tangent plane, in which great circles are straight, so that a grown box holds all of its box.
 * What lies 90 degrees and more from the boresight stays as it is.
 */
export function onLattice(corners: Float64Array, boresight: RaDec): LatticeBoxes {
  const plane = tangentPlane(boresight.raDeg, boresight.decDeg);
  const grown = new Float64Array(corners);
  let small = 0;
  for (let box = 0; box < corners.length; box += 8) {
    const extent = extentOf(corners.subarray(box, box + 8), plane);
    if (!extent) continue;
    const { left, right, bottom, top } = extent;
    if (right - left < cell && top - bottom < cell) small++;
    const [west, east] = cellsAround(left, right);
    const [south, north] = cellsAround(bottom, top);
    const outline = [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
    ];
    for (const [index, [xi, eta]] of outline.entries()) {
      const { raDeg, decDeg } = toRaDec(fromPlane(plane, xi, eta));
      grown.set([raDeg, decDeg], box + 2 * index);
    }
  }
  return { corners: grown, small };
}

/** The lattice's lines on both sides, at least a cell from each other. */
function cellsAround(low: number, high: number): readonly [number, number] {
  const first = Math.floor(low / cell);
  return [first * cell, Math.max(first + 1, Math.ceil(high / cell)) * cell];
}

function extentOf(corners: Float64Array, plane: TangentPlane) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let corner = 0; corner < 8; corner += 2) {
    const at = toPlane(plane, toVector(corners[corner], corners[corner + 1]));
    if (!at) return undefined;
    left = Math.min(left, at.xi);
    right = Math.max(right, at.xi);
    bottom = Math.min(bottom, at.eta);
    top = Math.max(top, at.eta);
  }
  return { left, right, bottom, top };
}
