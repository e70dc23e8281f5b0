import {
  boundingCircle,
  convexHull,
  RADIANS_A_DEGREE,
  type RaDec,
  toVector,
  type Vector,
} from '../sky/vector.ts';
import { angleBetween, distanceToArc, distanceToPolygon } from './arc.ts';
import { fieldRadiusDeg, type TrackPiece } from './track.ts';

interface Box {
  readonly corners: readonly Vector[];
  readonly centre: Vector;
  readonly radius: number;
}

/**
 * Of each bounding box (its corners as RA and Dec in degrees, eight numbers a box, one box after the other) whether
 * it lies, with any point, within the corridor of a path. Throws RangeError for a box that lies outside the field, in
 * which no path was looked for.
 */
export function boxesOnTracks(
  corners: Float64Array,
  pieces: readonly TrackPiece[],
  boresight: RaDec,
): boolean[] {
  const boxes = Array.from({ length: corners.length / 8 }, (_, index) => boxAt(corners, index));
  const axis = toVector(boresight.raDeg, boresight.decDeg);
  for (const [index, { centre, radius }] of boxes.entries()) {
    const distance = (angleBetween(axis, centre) + radius) / RADIANS_A_DEGREE;
    if (!(distance < fieldRadiusDeg))
      throw new RangeError(
        `Source ${index} reaches ${distance.toFixed(2)} degrees from the visit's boresight; satellites are known to ${fieldRadiusDeg}.`,
      );
  }
  const near = piecesNear(boxes, pieces);
  return boxes.map((box) => near.some((piece) => isOn(box, piece)));
}

/** The pieces that can matter to any of the boxes, which are those of one detector. */
function piecesNear(boxes: readonly Box[], pieces: readonly TrackPiece[]): readonly TrackPiece[] {
  if (boxes.length === 0) return [];
  const all = boundingCircle(boxes.map(({ centre }) => centre));
  const reach = all.radius + Math.max(...boxes.map(({ radius }) => radius));
  return pieces.filter(({ arc, halfWidth }) => distanceToArc(arc, all.centre) <= reach + halfWidth);
}

function isOn({ corners, centre, radius }: Box, { arc, halfWidth }: TrackPiece): boolean {
  const distance = distanceToArc(arc, centre);
  if (distance <= halfWidth) return true;
  return distance <= halfWidth + radius && distanceToPolygon(convexHull(corners), arc) <= halfWidth;
}

function boxAt(numbers: Float64Array, index: number): Box {
  const corners = [0, 2, 4, 6].map((offset) =>
    toVector(numbers[8 * index + offset], numbers[8 * index + offset + 1]),
  );
  return { corners, ...boundingCircle(corners) };
}
