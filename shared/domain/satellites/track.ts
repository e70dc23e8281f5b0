import { normalize, type RaDec, toVector, type Vector } from '../sky/vector.ts';
import { type MjdTai, type MjdUtc, mjdUtc, mjdUtcFromTai } from '../time/scales.ts';
import { type Arc, angleBetween, arcBetween, distanceToArc } from './arc.ts';
import { sighting, starTiedDirection } from './direction.ts';
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
  /** How many element sets give no position at this time. */
  readonly lost: number;
}

const RADIAN = Math.PI / 180;
const SECONDS_A_DAY = 86_400;

/**
 * Degrees around the boresight in which sources are looked at: LSSTCam's farthest corner is at 2.06 degrees, the
 * largest of the cameras here; the rest is for a pointing that is not quite where it was announced.
 */
export const fieldRadiusDeg = 2.2;
/** How far a path may lie from its arcs. */
const chordError = (2 / 3600) * RADIAN;
/** Beyond the field, so that the corridor of a path that passes by outside still reaches the sources within. */
const margin = 0.1 * RADIAN;
/** Seconds of a first piece, in which no path bends twice: the fastest go 5 degrees. */
const firstPiece = 4;
/** Seconds of a piece that is not divided again, for elements so bad that what SGP4 makes of them jumps. */
const lastPiece = 0.01;

/** The paths within the field and somewhat around it, in the exposure padded by the age of each element set. */
export function fieldTracks(
  satellites: readonly Satellite[],
  exposure: Exposure,
  site: Site,
  uncertainty: Uncertainty,
): FieldTracks {
  const begin = mjdUtcFromTai(exposure.beginMjdTai);
  const middle = mjdUtc((begin + mjdUtcFromTai(exposure.endMjdTai)) / 2);
  const field = toVector(exposure.boresight.raDeg, exposure.boresight.decDeg);
  const frames = framesAround(middle, site);
  const pieces: TrackPiece[] = [];
  let [crossing, lost] = [0, 0];
  for (const satellite of satellites) {
    const ageDays = Math.abs(middle - satellite.epochMjdUtc);
    const halfSeconds =
      ((exposure.endMjdTai - exposure.beginMjdTai) * SECONDS_A_DAY) / 2 + paddingSeconds(ageDays);
    const near = mayCross(satellite, middle, frames(0), field, halfSeconds);
    if (near === undefined) lost++;
    if (!near) continue;
    const path = pathOf(satellite, middle, frames, halfSeconds);
    const within = path.filter(({ arc }) => distanceToArc(arc, field) < fieldRadiusDeg * RADIAN + margin);
    if (within.length > 0) crossing++;
    for (const { arc, rangeKm } of within)
      pieces.push({ arc, halfWidth: halfWidth(uncertainty, ageDays, rangeKm, 0) });
  }
  return { pieces, crossing, lost };
}

/** Frames by seconds from the middle, each made once: most satellites are asked about at the same moments. */
function framesAround(middle: MjdUtc, site: Site): (seconds: number) => EarthFrame {
  const made = new Map<number, EarthFrame>();
  return (seconds) => {
    const known = made.get(seconds) ?? earthFrameAt(after(middle, seconds), site);
    made.set(seconds, known);
    return known;
  };
}

const after = (middle: MjdUtc, seconds: number): MjdUtc => mjdUtc(middle + seconds / SECONDS_A_DAY);

/** km/s^2: gravity at the ground, which no orbit exceeds, and the observer's own 0.00003. */
const greatestAcceleration = 0.0099;

/**
 * Whether it can come into the field within so many seconds of the middle, from one sighting: it goes no farther than
 * its speed and the greatest acceleration take it. Of 26,000 satellites 30 to 80 are left for 31 s. The allowance for
 * light time (a second of motion) and aberration (1') is generous. Undefined where SGP4 cannot tell.
 */
function mayCross(
  satellite: Satellite,
  middle: MjdUtc,
  frame: EarthFrame,
  field: Vector,
  halfSeconds: number,
): boolean | undefined {
  const seen = sighting(satellite, middle, frame);
  if (!seen) return undefined;
  const range = Math.hypot(...seen.separation);
  const seconds = halfSeconds + 1;
  const reach = Math.hypot(...seen.velocity) * seconds + (greatestAcceleration * seconds ** 2) / 2;
  if (reach >= range) return true;
  const limit = fieldRadiusDeg * RADIAN + margin + RADIAN / 60 + Math.asin(reach / range);
  return angleBetween(normalize(seen.separation), field) < limit;
}

/** Its path as arcs that lie within the chord error; a stretch that SGP4 cannot tell is left out. */
function pathOf(
  satellite: Satellite,
  middle: MjdUtc,
  frames: (seconds: number) => EarthFrame,
  halfSeconds: number,
): { arc: Arc; rangeKm: number }[] {
  const at = (seconds: number) => starTiedDirection(satellite, after(middle, seconds), frames(seconds));
  const pieces = Math.ceil((2 * halfSeconds) / firstPiece);
  const moments = Array.from({ length: pieces + 1 }, (_, index) => halfSeconds * ((2 * index) / pieces - 1));
  const path: { arc: Arc; rangeKm: number }[] = [];
  const follow = (fromSeconds: number, from: Seen, toSeconds: number, to: Seen) => {
    const arc = arcBetween(from.direction, to.direction);
    const halfway = (fromSeconds + toSeconds) / 2;
    const between = at(halfway);
    const short = toSeconds - fromSeconds < lastPiece;
    if (short || !between || distanceToArc(arc, between.direction) < chordError)
      path.push({ arc, rangeKm: Math.min(from.rangeKm, to.rangeKm) });
    else {
      follow(fromSeconds, from, halfway, between);
      follow(halfway, between, toSeconds, to);
    }
  };
  for (let index = 0; index < pieces; index++) {
    const [from, to] = [at(moments[index]), at(moments[index + 1])];
    if (from && to) follow(moments[index], from, moments[index + 1], to);
  }
  return path;
}

interface Seen {
  readonly direction: Vector;
  readonly rangeKm: number;
}
