import type { Instrument } from '#shared/domain/ids/instruments.ts';
import {
  cross,
  normalize,
  separationArcsec,
  toRaDec,
  toVector,
  type Vector,
} from '#shared/domain/sky/vector.ts';
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
  /** Where it is (unit vector), some seconds from the middle of the exposure. */
  directionAt(seconds: number): Vector;
}

/** Seconds from the middle of the exposure to its ends. */
export const HALF_EXPOSURE = EXPOSURE_SECONDS / 2;
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
      directionAt: (second) =>
        add(scale(centre, Math.cos(radians * second)), scale(along, Math.sin(radians * second))),
    },
  ];
}
