import { orientationAt } from '../sky/earth-orientation.ts';
import { normalize, RADIANS_A_DEGREE, type RaDec, toVector, type Vector } from '../sky/vector.ts';
import { type MjdTai, type MjdUtc, mjdUtc, mjdUtcFromTai } from '../time/scales.ts';
import { type Arc, angleBetween, arcBetween, distanceToArc } from './arc.ts';
import { type Sighting, sighting, starTiedDirection } from './direction.ts';
import { type EarthFrame, earthFrameAt, type Site } from './earth-frame.ts';
import type { Satellite } from './element-set.ts';
import { halfWidth, paddingSeconds, type Uncertainty } from './uncertainty.ts';

/** What a satellite must cross to be seen: the camera's field while the shutter is open. */
export interface Exposure {
  readonly beginMjdTai: MjdTai;
  readonly endMjdTai: MjdTai;
  readonly boresight: RaDec;
}

/** A piece of a path with the corridor around it. */
export interface TrackPiece {
  readonly arc: Arc;
  /** Radians on either side, and beyond the ends. */
  readonly halfWidth: number;
}

/** The paths of all satellites in the field, as one bag of pieces that does not tell which is whose. */
export interface FieldTracks {
  readonly pieces: readonly TrackPiece[];
  /** How many satellites cross. */
  readonly crossing: number;
  /** How many element sets give no position at this time, or one that is on no orbit. */
  readonly lost: number;
}

const SECONDS_A_DAY = 86_400;

/**
 * Degrees around the boresight in which sources are looked at: LSSTCam's farthest corner is at 2.06 degrees, the
 * largest of the cameras here; the rest is for a pointing that is not quite where it was announced.
 */
export const fieldRadiusDeg = 2.2;
/** How far a path may lie from its arcs. */
const chordError = (2 / 3600) * RADIANS_A_DEGREE;
/** Beyond the field, so that the corridor of a path that passes by outside still reaches the sources within. */
const margin = 0.1 * RADIANS_A_DEGREE;
/**
 * Seconds in which no path bends twice, so that its middle tells how far it is from its arc. Some low satellites need
 * shorter pieces; pieces of 4 s never did.
 */
const firstPiece = 10;
/** Seconds of a piece that is not divided again, for elements so bad that what SGP4 makes of them jumps. */
const lastPiece = 0.01;

/** A stretch of a path that lies within the chord error of its arc, and the least range at its ends. */
interface Stretch {
  readonly arc: Arc;
  readonly rangeKm: number;
}

/** From where and whither is looked; times are seconds from the middle of the exposure. */
interface View {
  readonly field: Vector;
  readonly timeAt: (seconds: number) => MjdUtc;
  readonly frameAt: (seconds: number) => EarthFrame;
}

/** The paths within the field and somewhat around it, in the exposure padded by the age of each element set. */
export function fieldTracks(
  satellites: readonly Satellite[],
  exposure: Exposure,
  site: Site,
  uncertainty: Uncertainty,
): FieldTracks {
  const middle = mjdUtc((mjdUtcFromTai(exposure.beginMjdTai) + mjdUtcFromTai(exposure.endMjdTai)) / 2);
  const openSeconds = (exposure.endMjdTai - exposure.beginMjdTai) * SECONDS_A_DAY;
  const view = viewOf(exposure.boresight, middle, site);
  const observerErrorKm =
    orientationAt(middle).ut1ErrorSeconds * Math.hypot(...view.frameAt(0).observerVelocity);
  const pieces: TrackPiece[] = [];
  let [crossing, lost] = [0, 0];
  for (const satellite of satellites) {
    const ageDays = Math.abs(middle - satellite.epochMjdUtc);
    const path = pathInField(view, satellite, openSeconds / 2 + paddingSeconds(ageDays));
    if (path === undefined) lost++;
    else if (path.length > 0) crossing++;
    for (const { arc, rangeKm } of path ?? [])
      pieces.push({ arc, halfWidth: halfWidth(uncertainty, ageDays, rangeKm, observerErrorKm) });
  }
  return { pieces, crossing, lost };
}

function viewOf({ raDeg, decDeg }: RaDec, middle: MjdUtc, site: Site): View {
  const timeAt = (seconds: number) => mjdUtc(middle + seconds / SECONDS_A_DAY);
  // The one moment at which all satellites are asked about; 30 to 80 of 26,000 are at others.
  const middleFrame = earthFrameAt(middle, site);
  const frameAt = (seconds: number) => (seconds === 0 ? middleFrame : earthFrameAt(timeAt(seconds), site));
  return { field: toVector(raDeg, decDeg), timeAt, frameAt };
}

/** Undefined where SGP4 cannot tell where the satellite is in the middle; a stretch that it cannot tell is left out. */
function pathInField(view: View, satellite: Satellite, halfSeconds: number): Stretch[] | undefined {
  const seen = sighting(satellite, view.timeAt(0), view.frameAt(0));
  if (!seen || hasRunAway(satellite, seen)) return undefined;
  if (!mayCross(seen, view.field, halfSeconds)) return [];
  const path: Stretch[] = [];
  follow(view, satellite, -halfSeconds, halfSeconds, path);
  return path.filter(
    ({ arc }) => distanceToArc(arc, view.field) < fieldRadiusDeg * RADIANS_A_DEGREE + margin,
  );
}

const EARTH_RADIUS_KM = 6378.137;

/**
 * Of what has come down, elements three weeks old and more: SGP4's drag makes places up to 1e13 times as far as their
 * apogee, which cross the sky at degrees a second and would be followed in thousands of pieces. Of the 25,975 of August
 * 2022 they are 83; the others are all within.
 */
function hasRunAway({ satrec }: Satellite, { separation }: Sighting): boolean {
  const apogeeKm = (1 + satrec.alta) * EARTH_RADIUS_KM;
  return Math.hypot(...separation) > 2 * apogeeKm + EARTH_RADIUS_KM;
}

/** km/s^2: gravity at the ground, which no orbit exceeds, and the observer's own 0.00003. */
const greatestAcceleration = 0.0099;

/**
 * Whether it can come into the field within so many seconds of a sighting: it goes no farther than its speed and the
 * greatest acceleration take it. Of 26,000 satellites 30 to 80 are left for 31 s. The allowance for light time (a
 * second of motion) and aberration (1') is generous.
 */
function mayCross({ separation, velocity }: Sighting, field: Vector, halfSeconds: number): boolean {
  const range = Math.hypot(...separation);
  const seconds = halfSeconds + 1;
  const reach = Math.hypot(...velocity) * seconds + (greatestAcceleration * seconds ** 2) / 2;
  if (reach >= range) return true;
  const limit = (fieldRadiusDeg + 1 / 60) * RADIANS_A_DEGREE + margin + Math.asin(reach / range);
  return angleBetween(normalize(separation), field) < limit;
}

/** Adds the path between two moments, halved until a piece is short; halves that cannot come into the field are left out. */
function follow(view: View, satellite: Satellite, begin: number, end: number, path: Stretch[]): void {
  if (end - begin <= firstPiece) {
    const [from, to] = [seenAt(view, satellite, begin), seenAt(view, satellite, end)];
    if (from && to) divide(view, satellite, from, to, path);
    return;
  }
  const middle = (begin + end) / 2;
  for (const [from, to] of [
    [begin, middle],
    [middle, end],
  ]) {
    const halfway = (from + to) / 2;
    const seen = sighting(satellite, view.timeAt(halfway), view.frameAt(halfway));
    if (!seen || mayCross(seen, view.field, (to - from) / 2)) follow(view, satellite, from, to, path);
  }
}

interface Seen {
  readonly seconds: number;
  readonly direction: Vector;
  readonly rangeKm: number;
}

function seenAt(view: View, satellite: Satellite, seconds: number): Seen | undefined {
  const seen = starTiedDirection(satellite, view.timeAt(seconds), view.frameAt(seconds));
  return seen && { seconds, ...seen };
}

/** Adds arcs that lie within the chord error of the path between two places. */
function divide(view: View, satellite: Satellite, from: Seen, to: Seen, path: Stretch[]): void {
  const arc = arcBetween(from.direction, to.direction);
  const between = seenAt(view, satellite, (from.seconds + to.seconds) / 2);
  const isShort = to.seconds - from.seconds < lastPiece;
  if (isShort || !between || distanceToArc(arc, between.direction) < chordError)
    path.push({ arc, rangeKm: Math.min(from.rangeKm, to.rangeKm) });
  else {
    divide(view, satellite, from, between, path);
    divide(view, satellite, between, to, path);
  }
}
