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

interface Cap {
  readonly centre: Vector;
  readonly radius: number;
}

const fieldRadius = fieldRadiusDeg * RADIANS_A_DEGREE;

/**
 * Of each bounding box (its corners in any order as RA and Dec in degrees, eight numbers a box, one box after the other)
 * whether it lies, with any point, within the corridor of a path. Throws RangeError for a box that lies outside the
 * field, in which no path was looked for.
 */
export function boxesOnTracks(
  corners: Float64Array,
  pieces: readonly TrackPiece[],
  boresight: RaDec,
): boolean[] {
  const near = piecesNear(corners, pieces, boresight, 0);
  return Array.from({ length: corners.length / 8 }, (_, index) => {
    if (near.length === 0) return false;
    const box = boxAt(corners, index);
    return near.some((piece) => isOn(box, piece));
  });
}

/**
 * The pieces whose corridors may reach one of the boxes, or come within a margin (radians) of one. The boxes are those of
 * one detector, which most paths pass by: its 1,000 boxes are then answered without a sine. Throws as boxesOnTracks.
 */
export function piecesNear(
  corners: Float64Array,
  pieces: readonly TrackPiece[],
  boresight: RaDec,
  margin: number,
): readonly TrackPiece[] {
  if (corners.length === 0) return [];
  const cap = capAround(corners);
  const axis = toVector(boresight.raDeg, boresight.decDeg);
  if (!(angleBetween(axis, cap.centre) + cap.radius < fieldRadius)) refuseOutside(corners, axis);
  return pieces.filter(
    ({ arc, halfWidth }) => distanceToArc(arc, cap.centre) <= cap.radius + halfWidth + margin,
  );
}

/**
 * A circle around all the corners, from their extent in RA and Dec: the chord between two places is at most as long as
 * the differences of Dec and, at the declination nearest to the equator, of RA. NaN for a corner that is none.
 */
function capAround(corners: Float64Array): Cap {
  const first = corners[0];
  let [west, east, south, north] = [0, 0, 90, -90];
  for (let index = 0; index < corners.length; index += 2) {
    const ra = ((corners[index] - first + 540) % 360) - 180;
    west = Math.min(west, ra);
    east = Math.max(east, ra);
    south = Math.min(south, corners[index + 1]);
    north = Math.max(north, corners[index + 1]);
  }
  const widest = Math.cos(Math.max(0, south, -north) * RADIANS_A_DEGREE);
  const chord = Math.hypot(north - south, widest * (east - west)) * (RADIANS_A_DEGREE / 2);
  const centre = toVector(first + (west + east) / 2, (south + north) / 2);
  return { centre, radius: 2 * Math.asin(Math.min(1, chord / 2)) };
}

function refuseOutside(corners: Float64Array, axis: Vector): void {
  for (let index = 0; index < corners.length / 8; index++) {
    const { centre, radius } = boxAt(corners, index);
    const distance = (angleBetween(axis, centre) + radius) / RADIANS_A_DEGREE;
    if (!(distance < fieldRadiusDeg))
      throw new RangeError(
        `Source ${index} reaches ${distance.toFixed(2)} degrees from the visit's boresight; satellites are known to ${fieldRadiusDeg}.`,
      );
  }
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
