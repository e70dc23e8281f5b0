import type { Instrument } from '#shared/domain/ids/instruments.ts';
import {
  cross,
  dot,
  normalize,
  separationArcsec,
  toRaDec,
  toVector,
  type Vector,
} from '#shared/domain/sky/vector.ts';
import { skyToPixel, type Wcs } from '#shared/domain/sky/wcs.ts';
import type { Conditions } from './observation.ts';
import { type ElementSet, propagatorOf } from './orbits.ts';
import { EXPOSURE_SECONDS, PIXEL_ARCSEC } from './passbands.ts';
import { randomStream } from './random.ts';
import { hasUncataloguedObject, streakAim } from './satellite-catalog.ts';
import {
  add,
  momentAt,
  type Observer,
  type Propagator,
  scale,
  starTiedDirection,
} from './satellite-direction.ts';
import type { Disc } from './sky-cells.ts';
import type { Plan, Visit } from './survey-plan.ts';

/** Something that moves while the shutter is open. */
export interface Streak {
  readonly id: string;
  readonly kind: 'satellite' | 'uncatalogued';
  /** nJy, as if it stood still for the whole exposure. */
  readonly fluxNjy: number;
  /** Seconds from the middle of the exposure between which it shines, and where it is then (unit vector). */
  readonly seconds: readonly [from: number, to: number];
  directionAt(seconds: number): Vector;
}

/** A stretch of a streak on one detector, 0-based pixels; `fraction` of its exposure is spent there. */
export interface Chord {
  readonly from: { readonly x: number; readonly y: number };
  readonly to: { readonly x: number; readonly y: number };
  readonly fraction: number;
}

const HALF_EXPOSURE = EXPOSURE_SECONDS / 2;
/** Pixels outside the detector from which the wings of a streak still reach it. */
const EDGE = 15;

/** The disc of the whole camera. */
export function fieldDisc({ detectors, plateScaleArcsecPerMm }: Instrument, { raDeg, decDeg }: Visit): Disc {
  const millimetres = detectors.map((each) => {
    const diagonal = Math.hypot(each.width, each.height) * each.pixelMm;
    return Math.hypot(each.offsetXmm, each.offsetYmm) + diagonal / 2;
  });
  return { raDeg, decDeg, radiusDeg: (Math.max(...millimetres) * plateScaleArcsecPerMm) / 3600 };
}

/** The satellites of the catalogue that come within the disc while the shutter is open. */
export function satelliteStreaks(
  elements: readonly ElementSet[],
  visit: Visit,
  field: Disc,
  site: Observer,
): Streak[] {
  const middle = (visit.begin + visit.end) / 2;
  const seconds = Array.from({ length: EXPOSURE_SECONDS + 1 }, (_, index) => index - HALF_EXPOSURE);
  const moments = seconds.map((second) => momentAt(middle + second * 1000, site));
  return elements.flatMap((set): Streak[] => {
    const propagator = propagatorOf(set);
    const seen = starTiedDirection(propagator, moments[HALF_EXPOSURE]);
    if (!seen || !passesNear(propagator, moments, field)) return [];
    return [
      {
        id: set.NORAD_CAT_ID,
        kind: 'satellite',
        fluxNjy: satelliteFlux(seen.rangeKm),
        seconds: [-HALF_EXPOSURE, HALF_EXPOSURE],
        directionAt: (second) => directionOrThrow(propagator, middle + second * 1000, site),
      },
    ];
  });
}

/** At 1 s steps; a satellite moves at most 0.6 degrees in half a step. */
function passesNear(
  propagator: Propagator,
  moments: readonly ReturnType<typeof momentAt>[],
  field: Disc,
): boolean {
  return moments.some((moment) => {
    const seen = starTiedDirection(propagator, moment);
    if (!seen) return false;
    const { raDeg, decDeg } = toRaDec(seen.direction);
    return separationArcsec(raDeg, decDeg, field.raDeg, field.decDeg) < (field.radiusDeg + 0.6) * 3600;
  });
}

function directionOrThrow(propagator: Propagator, tai: number, site: Observer): Vector {
  const seen = starTiedDirection(propagator, momentAt(tai, site));
  if (!seen) throw new Error(`SGP4 failed within an exposure, at ${tai} ms TAI.`);
  return seen.direction;
}

/** AB 7.5 mag at 1,000 km. */
function satelliteFlux(rangeKm: number): number {
  return 10 ** (0.4 * (31.4 - 7.5)) * (1000 / rangeKm) ** 2;
}

/**
 * An object that no catalogue has, faster than 10 deg/day by far: 3" to 1,500" a second (72 to 36,000 deg/day), so
 * bright that its line stands 3 to 25 sigma above the sky.
 */
export function uncataloguedStreaks(plan: Plan, visit: Visit, conditions: Conditions): Streak[] {
  if (!hasUncataloguedObject(visit)) return [];
  const draw = randomStream(plan.seed, 'uncatalogued', visit.index);
  const aim = streakAim(plan, visit);
  const [centre, angle] = [toVector(aim.raDeg, aim.decDeg), draw.between(0, 2 * Math.PI)];
  const rateArcsec = 3 * 500 ** draw.uniform();
  const radians = (rateArcsec / 3600 / 180) * Math.PI;
  const east = normalize([-centre[1], centre[0], 0]);
  const along = add(scale(east, Math.sin(angle)), scale(cross(centre, east), Math.cos(angle)));
  const peak = 3 * 8 ** draw.uniform() * Math.sqrt(conditions.sky);
  const electronsAPixel = peak * 1.1 * conditions.fwhmPixels;
  const pixels = (rateArcsec / PIXEL_ARCSEC) * EXPOSURE_SECONDS;
  return [
    {
      id: `U${visit.visit}`,
      kind: 'uncatalogued',
      fluxNjy: (electronsAPixel * pixels) / conditions.electronsPerNjy,
      seconds: [-HALF_EXPOSURE, HALF_EXPOSURE],
      directionAt: (second) =>
        add(scale(centre, Math.cos(radians * second)), scale(along, Math.sin(radians * second))),
    },
  ];
}

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
  const whole = streak.seconds[1] - streak.seconds[0];
  return { from: at(start), to: at(end), fraction: ((end - start) * (span[1] - span[0])) / whole };
}

/** The times between which the streak is within the disc: entry and exit by bisection about the closest moment. */
function spanWithin(streak: Streak, disc: Disc): [number, number] | undefined {
  const centre = toVector(disc.raDeg, disc.decDeg);
  const limit = Math.cos((disc.radiusDeg * Math.PI) / 180);
  const closeness = (second: number) => dot(streak.directionAt(second), centre);
  let [low, high] = streak.seconds;
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
  return [edge(streak.seconds[0]), edge(streak.seconds[1])];
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
