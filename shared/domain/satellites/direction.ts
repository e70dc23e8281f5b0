import { sgp4 } from 'satellite.js';
import { normalize, type Vector } from '../sky/vector.ts';
import type { MjdUtc } from '../time/scales.ts';
import { type EarthFrame, turn } from './earth-frame.ts';
import type { Satellite } from './element-set.ts';

/** Where and how far a satellite is from the observer, GCRS axes. */
export interface Sighting {
  /** Kilometres. */
  readonly separation: Vector;
  /** Kilometres a second. */
  readonly velocity: Vector;
}

const LIGHT_KM_S = 299_792.458;

/** As it is at the moment itself; undefined where SGP4 cannot tell (decayed, or elements without an orbit). */
export function sighting(
  { satrec, epochMjdUtc }: Satellite,
  time: MjdUtc,
  frame: EarthFrame,
  lateSeconds = 0,
): Sighting | undefined {
  const state = sgp4(satrec, (time - epochMjdUtc) * 1440 - lateSeconds / 60);
  // SGP4 also answers NaN, for elements that have decayed.
  if (!state || !Number.isFinite(state.position.x)) return undefined;
  const { position, velocity } = state;
  return {
    separation: minus(turn(frame.fromTeme, [position.x, position.y, position.z]), frame.observer),
    velocity: minus(turn(frame.fromTeme, [velocity.x, velocity.y, velocity.z]), frame.observerVelocity),
  };
}

/**
 * The place among the catalogue's stars where an image shows the satellite (unit vector, ICRS): the direction in which
 * its light, late by up to 0.13 s for a geostationary one (2"), comes from, less the Earth's annual aberration, up to
 * 20.5", by which the stars of the same image are displaced but the satellite, which moves with the Earth, is not.
 * The observer's own turn (0.28") displaces both alike. Undefined where SGP4 cannot tell.
 */
export function starTiedDirection(
  satellite: Satellite,
  time: MjdUtc,
  frame: EarthFrame,
): { direction: Vector; rangeKm: number } | undefined {
  const now = sighting(satellite, time, frame);
  const seen = now && sighting(satellite, time, frame, Math.hypot(...now.separation) / LIGHT_KM_S);
  if (!seen) return undefined;
  const direction = normalize(minus(normalize(seen.separation), frame.earthVelocity));
  return { direction, rangeKm: Math.hypot(...seen.separation) };
}

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
