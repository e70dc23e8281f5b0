import {
  boundingCircle,
  convexHull,
  RADIANS_A_DEGREE,
  type RaDec,
  toVector,
  type Vector,
} from '../sky/vector.ts';
import { type Arc, angleBetween, distanceToArc, distanceToPolygon } from './arc.ts';
import { fieldRadiusDeg } from './track.ts';

/** Half-width of the corridor along a path in which no source may be published: Sattle's 0.01 degrees. */
export const corridorArcsec = 36;

const corridor = (corridorArcsec / 3600) * RADIANS_A_DEGREE;

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
export function boxesOnTracks(corners: Float64Array, arcs: readonly Arc[], boresight: RaDec): boolean[] {
  const boxes = Array.from({ length: corners.length / 8 }, (_, index) => boxAt(corners, index));
  const axis = toVector(boresight.raDeg, boresight.decDeg);
  for (const [index, { centre, radius }] of boxes.entries()) {
    const distance = (angleBetween(axis, centre) + radius) / RADIANS_A_DEGREE;
    if (!(distance < fieldRadiusDeg))
      throw new RangeError(
        `Source ${index} reaches ${distance.toFixed(2)} degrees from the visit's boresight; satellites are known to ${fieldRadiusDeg}.`,
      );
  }
  const near = arcsNear(boxes, arcs);
  return boxes.map((box) => near.some((arc) => isOn(box, arc)));
}

/** The arcs that can matter to any of the boxes, which are those of one detector. */
function arcsNear(boxes: readonly Box[], arcs: readonly Arc[]): readonly Arc[] {
  if (boxes.length === 0) return [];
  const all = boundingCircle(boxes.map(({ centre }) => centre));
  const reach = all.radius + Math.max(...boxes.map(({ radius }) => radius)) + corridor;
  return arcs.filter((arc) => distanceToArc(arc, all.centre) <= reach);
}

function isOn({ corners, centre, radius }: Box, arc: Arc): boolean {
  const distance = distanceToArc(arc, centre);
  if (distance <= corridor) return true;
  return distance <= corridor + radius && distanceToPolygon(convexHull(corners), arc) <= corridor;
}

function boxAt(numbers: Float64Array, index: number): Box {
  const corners = [0, 2, 4, 6].map((offset) =>
    toVector(numbers[8 * index + offset], numbers[8 * index + offset + 1]),
  );
  return { corners, ...boundingCircle(corners) };
}
