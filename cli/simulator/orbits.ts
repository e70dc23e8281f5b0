import { json2satrec } from 'satellite.js';
import {
  cross,
  dot,
  normalize,
  separationArcsec,
  toRaDec,
  toVector,
  type Vector,
} from '#shared/domain/sky/vector.ts';
import type { Random } from './random.ts';
import {
  add,
  momentAt,
  type Observer,
  type Propagator,
  placeSeen,
  scale,
  starTiedDirection,
  subtract,
  sunDirection,
} from './satellite-direction.ts';
import { type TaiMs, unixMsFromTai } from './tai.ts';

/** An element set in the keywords of an OMM as Space-Track writes them: every value is text. */
export interface ElementSet {
  readonly CCSDS_OMM_VERS: '3.0';
  readonly OBJECT_NAME: string;
  readonly OBJECT_ID: string;
  /** UTC. */
  readonly EPOCH: string;
  readonly MEAN_MOTION: string;
  readonly ECCENTRICITY: string;
  readonly INCLINATION: string;
  readonly RA_OF_ASC_NODE: string;
  readonly ARG_OF_PERICENTER: string;
  readonly MEAN_ANOMALY: string;
  readonly EPHEMERIS_TYPE: '0';
  readonly CLASSIFICATION_TYPE: 'U';
  readonly NORAD_CAT_ID: string;
  readonly ELEMENT_SET_NO: string;
  readonly REV_AT_EPOCH: string;
  readonly BSTAR: string;
  readonly MEAN_MOTION_DOT: string;
  readonly MEAN_MOTION_DDOT: string;
}

/** Mean elements of an orbit, degrees, at an epoch. */
interface Orbit {
  readonly radiusKm: number;
  readonly eccentricity: number;
  readonly inclination: number;
  readonly node: number;
  readonly pericentre: number;
  readonly anomaly: number;
}

const RADIAN = Math.PI / 180;
const EARTH_KM = 6378.135;
const GRAVITY_KM3_S2 = 398_600.8;
const J2 = 1.082616e-3;
/** Heights above the ground, km: the lowest that the Sun lights is taken, for in the shadow nothing is seen. */
const HEIGHTS_KM = [550, 800, 1200, 2000, 8000, 20_200];
const DAY_MS = 86_400_000;

export function propagatorOf(elements: ElementSet): Propagator {
  return { satrec: json2satrec({ ...elements }), epochUnixMs: Date.parse(`${elements.EPOCH}Z`) };
}

/**
 * An element set whose satellite is seen at a place in the sky at a moment, within a few arcseconds (the rounding
 * of the elements); its epoch is up to ten hours earlier. `catalogId` numbers it.
 */
export function elementsSeenAt(
  draw: Random,
  catalogId: number,
  target: { raDeg: number; decDeg: number },
  time: TaiMs,
  site: Observer,
): ElementSet {
  const moment = momentAt(time, site);
  const wanted = toVector(target.raDeg, target.decDeg);
  const heading = draw.between(0, 2 * Math.PI);
  const eccentricity = draw.between(0.0005, 0.002);
  const ageMs = Math.round(draw.between(1, 10) * 3_600_000);
  const radiusKm = EARTH_KM + lowestLit(draw, wanted, time, site);
  let aim = wanted;
  for (let attempt = 0; attempt < 30; attempt++) {
    const orbit = orbitThrough(placeSeen(aim, moment, radiusKm), heading, eccentricity);
    const elements = elementSet(catalogId, earlier(orbit, ageMs), unixMsFromTai(time) - ageMs);
    const seen = starTiedDirection(propagatorOf(elements), moment);
    if (!seen) break;
    const { raDeg, decDeg } = toRaDec(seen.direction);
    if (separationArcsec(raDeg, decDeg, target.raDeg, target.decDeg) < 5) return elements;
    aim = normalize(add(aim, subtract(wanted, seen.direction)));
  }
  throw new Error(`No orbit found that is seen at ${target.raDeg}, ${target.decDeg} at ${time}.`);
}

/** An element set of some satellite: most low, some half-way, some geostationary. */
export function anyElements(draw: Random, catalogId: number, time: TaiMs): ElementSet {
  const kind = draw.uniform();
  const radiusKm = EARTH_KM + (kind < 0.8 ? draw.between(450, 1500) : kind < 0.9 ? 20_200 : 35_786);
  const orbit = {
    radiusKm,
    eccentricity: draw.between(0.0001, 0.002),
    inclination: kind < 0.9 ? draw.between(30, 100) : draw.between(0, 5),
    node: draw.between(0, 360),
    pericentre: draw.between(0, 360),
    anomaly: draw.between(0, 360),
  };
  return elementSet(catalogId, orbit, unixMsFromTai(time) - Math.round(draw.between(0, 12) * 3_600_000));
}

function lowestLit(draw: Random, wanted: Vector, time: TaiMs, site: Observer): number {
  const moment = momentAt(time, site);
  const sun = sunDirection(time);
  const first = draw.index(3);
  const lit = HEIGHTS_KM.slice(first).find((height) => {
    const place = placeSeen(wanted, moment, EARTH_KM + height);
    const towardsSun = dot(place, sun);
    return towardsSun > 0 || dot(place, place) - towardsSun ** 2 > (EARTH_KM + 50) ** 2;
  });
  return lit ?? HEIGHTS_KM[HEIGHTS_KM.length - 1];
}

/** The circular orbit through a place; heading: direction of flight from east towards north, radians. */
function orbitThrough(place: Vector, heading: number, eccentricity: number): Orbit {
  const up = normalize(place);
  const east = normalize(cross([0, 0, 1], up));
  const flight = add(scale(east, Math.cos(heading)), scale(cross(up, east), Math.sin(heading)));
  const pole = cross(up, flight);
  const towardsNode = normalize(cross([0, 0, 1], pole));
  const latitude = Math.atan2(dot(up, cross(pole, towardsNode)), dot(up, towardsNode));
  return {
    radiusKm: Math.hypot(...place),
    eccentricity,
    inclination: Math.acos(pole[2]) / RADIAN,
    node: Math.atan2(towardsNode[1], towardsNode[0]) / RADIAN,
    pericentre: 0,
    anomaly: latitude / RADIAN,
  };
}

/** The same orbit some time ago by the secular drifts of J2 (Vallado, section 9.6). */
function earlier(orbit: Orbit, ageMs: number): Orbit {
  const motion = meanMotion(orbit.radiusKm) / RADIAN;
  const drift = 0.75 * J2 * (EARTH_KM / orbit.radiusKm) ** 2 * motion;
  const cosine = Math.cos(orbit.inclination * RADIAN);
  const seconds = ageMs / 1000;
  return {
    ...orbit,
    node: orbit.node + 2 * drift * cosine * seconds,
    pericentre: orbit.pericentre - drift * (5 * cosine ** 2 - 1) * seconds,
    anomaly: orbit.anomaly - (motion + drift * (3 * cosine ** 2 - 1)) * seconds,
  };
}

/** Radians per second. */
function meanMotion(radiusKm: number): number {
  return Math.sqrt(GRAVITY_KM3_S2 / radiusKm ** 3);
}

function elementSet(catalogId: number, orbit: Orbit, epochUnixMs: number): ElementSet {
  const epoch = new Date(epochUnixMs).toISOString();
  const revolutions = ((meanMotion(orbit.radiusKm) / (2 * Math.PI)) * DAY_MS) / 1000;
  const degrees = (angle: number) => (((angle % 360) + 360) % 360).toFixed(4);
  return {
    CCSDS_OMM_VERS: '3.0',
    OBJECT_NAME: `SIM ${catalogId}`,
    OBJECT_ID: `${epoch.slice(0, 4)}-001A`,
    EPOCH: `${epoch.slice(0, -1)}000`,
    MEAN_MOTION: revolutions.toFixed(8),
    ECCENTRICITY: orbit.eccentricity.toFixed(7),
    INCLINATION: degrees(orbit.inclination),
    RA_OF_ASC_NODE: degrees(orbit.node),
    ARG_OF_PERICENTER: degrees(orbit.pericentre),
    MEAN_ANOMALY: degrees(orbit.anomaly),
    EPHEMERIS_TYPE: '0',
    CLASSIFICATION_TYPE: 'U',
    NORAD_CAT_ID: String(catalogId),
    ELEMENT_SET_NO: '999',
    REV_AT_EPOCH: '1',
    BSTAR: '0.00000000000000',
    MEAN_MOTION_DOT: '0.00000000',
    MEAN_MOTION_DDOT: '0.0000000000000',
  };
}
