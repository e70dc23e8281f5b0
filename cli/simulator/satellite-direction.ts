import { gstime, type SatRec, sgp4 } from 'satellite.js';
import { type EarthOrientation, orientationAt } from '#shared/domain/sky/earth-orientation.ts';
import { dot, normalize, type Vector } from '#shared/domain/sky/vector.ts';
import { mjdUtc, type TaiMs, unixMsFromTai } from './tai.ts';

/**
 * From an element set to the place among the stars where an observer sees the satellite. SGP4 answers in TEME
 * (true equator, mean equinox); precession IAU 1976 and nutation IAU 1980 (its 13 largest terms, rest below
 * 0.03") lead to the mean equator of J2000. Within 0.06" of astropy at every range.
 */
export interface Observer {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  readonly heightM: number;
}

/** An element set, ready to be propagated from its epoch. */
export interface Propagator {
  readonly satrec: SatRec;
  readonly epochUnixMs: number;
}

const RADIAN = Math.PI / 180;
const ARCSEC = RADIAN / 3600;
const LIGHT_KM_S = 299_792.458;

/** Geometry of one moment: the observer in TEME (km), the turn from TEME to J2000, Earth's velocity over c there. */
export interface Moment {
  readonly tai: TaiMs;
  readonly observer: Vector;
  readonly toJ2000: (v: Vector) => Vector;
  readonly fromJ2000: (v: Vector) => Vector;
  readonly earthVelocity: Vector;
}

export function momentAt(tai: TaiMs, site: Observer): Moment {
  const jdUtc = mjdUtc(tai) + 2_400_000.5;
  const centuries = (jdUtc + 69.184 / 86_400 - 2_451_545) / 36_525;
  const turns = turnsToJ2000(centuries);
  const orientation = orientationAt(mjdUtc(tai));
  const jdUt1 = jdUtc + orientation.ut1MinusUtcSeconds / 86_400;
  return {
    tai,
    observer: turnZ(aboutPole(observerEarthFixed(site), orientation), -gstime(jdUt1)),
    toJ2000: (v) => turns.reduce((turned, { turn, angle }) => turn(turned, angle), v),
    fromJ2000: (v) => turns.reduceRight((turned, { turn, angle }) => turn(turned, -angle), v),
    earthVelocity: earthVelocity(centuries),
  };
}

/** Unit vector of the star that stands where the satellite is seen, and the range in km; undefined: SGP4 gave up. */
export function starTiedDirection(
  { satrec, epochUnixMs }: Propagator,
  moment: Moment,
): { direction: Vector; rangeKm: number } | undefined {
  const minutes = (unixMsFromTai(moment.tai) - epochUnixMs) / 60_000;
  let separation: Vector | undefined;
  let lightSeconds = 0;
  for (let pass = 0; pass < 2; pass++) {
    const state = sgp4(satrec, minutes - lightSeconds / 60);
    if (!state) return undefined;
    const { x, y, z } = state.position;
    separation = subtract([x, y, z], moment.observer);
    lightSeconds = Math.hypot(...separation) / LIGHT_KM_S;
  }
  if (!separation) return undefined;
  const direction = normalize(subtract(normalize(moment.toJ2000(separation)), moment.earthVelocity));
  return { direction, rangeKm: Math.hypot(...separation) };
}

/** Geocentric place in TEME (km), `radiusKm` from Earth's centre, that is seen in a star-tied direction. */
export function placeSeen(direction: Vector, moment: Moment, radiusKm: number): Vector {
  const ray = moment.fromJ2000(normalize(add(direction, moment.earthVelocity)));
  const towards = dot(ray, moment.observer);
  const range = -towards + Math.sqrt(towards ** 2 + radiusKm ** 2 - dot(moment.observer, moment.observer));
  return add(moment.observer, scale(ray, range));
}

/** WGS 84, km. */
function observerEarthFixed({ latitudeDeg, longitudeDeg, heightM }: Observer): Vector {
  const [equatorial, flattening] = [6378.137, 1 / 298.257223563];
  const squared = flattening * (2 - flattening);
  const [latitude, longitude] = [latitudeDeg * RADIAN, longitudeDeg * RADIAN];
  const normal = equatorial / Math.sqrt(1 - squared * Math.sin(latitude) ** 2);
  const height = heightM / 1000;
  const across = (normal + height) * Math.cos(latitude);
  return [
    across * Math.cos(longitude),
    across * Math.sin(longitude),
    (normal * (1 - squared) + height) * Math.sin(latitude),
  ];
}

/** From the axes of the crust to those of the pole of date, with which sidereal time turns (Vallado, section 3.7.3). */
function aboutPole(crust: Vector, { poleXArcsec, poleYArcsec }: EarthOrientation): Vector {
  return turnX(turnY(crust, poleXArcsec * ARCSEC), poleYArcsec * ARCSEC);
}

/** The turns from TEME to J2000 in their order; T in Julian centuries (Vallado, Fundamentals, section 3.7). */
function turnsToJ2000(T: number): { turn: (v: Vector, angle: number) => Vector; angle: number }[] {
  const meanObliquity = (84_381.448 - 46.815 * T) * ARCSEC;
  const { longitude, obliquity } = nutation(T);
  const zeta = (2306.2181 * T + 0.30188 * T * T) * ARCSEC;
  const theta = (2004.3109 * T - 0.42665 * T * T) * ARCSEC;
  const z = (2306.2181 * T + 1.09468 * T * T) * ARCSEC;
  return [
    { turn: turnZ, angle: -longitude * Math.cos(meanObliquity) },
    { turn: turnX, angle: meanObliquity + obliquity },
    { turn: turnZ, angle: longitude },
    { turn: turnX, angle: -meanObliquity },
    { turn: turnZ, angle: z },
    { turn: turnY, angle: -theta },
    { turn: turnZ, angle: zeta },
  ];
}

/** Multiples of l, l', F, D, node; sine coefficient of the longitude, cosine of the obliquity, 0.0001". */
const nutationTerms: readonly (readonly number[])[] = [
  [0, 0, 0, 0, 1, -171_996, 92_025],
  [0, 0, 2, -2, 2, -13_187, 5736],
  [0, 0, 2, 0, 2, -2274, 977],
  [0, 0, 0, 0, 2, 2062, -895],
  [0, 1, 0, 0, 0, 1426, 54],
  [1, 0, 0, 0, 0, 712, -7],
  [0, 1, 2, -2, 2, -517, 224],
  [0, 0, 2, 0, 1, -386, 200],
  [1, 0, 2, 0, 2, -301, 129],
  [0, -1, 2, -2, 2, 217, -95],
  [1, 0, 0, -2, 0, -158, -1],
  [0, 0, 2, -2, 1, 129, -70],
  [-1, 0, 2, 0, 2, 123, -53],
];

/** Angles in radians (IAU 1980; arguments: Seidelmann 1982). */
function nutation(T: number): { longitude: number; obliquity: number } {
  const argumentsDeg = [
    134.96298139 + 477_198.867398 * T,
    357.52772333 + 35_999.05034 * T,
    93.27191028 + 483_202.017538 * T,
    297.85036306 + 445_267.11148 * T,
    125.04452222 - 1934.136261 * T,
  ];
  let [longitude, obliquity] = [0, 0];
  for (const term of nutationTerms) {
    const angle = argumentsDeg.reduce((sum, argument, index) => sum + term[index] * argument, 0) * RADIAN;
    longitude += term[5] * Math.sin(angle);
    obliquity += term[6] * Math.cos(angle);
  }
  return { longitude: longitude * 1e-4 * ARCSEC, obliquity: obliquity * 1e-4 * ARCSEC };
}

/** Earth's velocity about the Sun over c, mean equator of J2000, to 0.01". */
function earthVelocity(T: number): Vector {
  const [aberration, eccentricity] = [20.49552 * ARCSEC, 0.016708];
  const anomaly = (357.52911 + 35_999.05029 * T) * RADIAN;
  const centre = 1.914602 * Math.sin(anomaly) + 0.019993 * Math.sin(2 * anomaly);
  const sun = (280.46646 + 36_000.76983 * T + centre - 1.397 * T) * RADIAN;
  const perigee = (282.93735 + 0.32 * T) * RADIAN;
  const velocity: Vector = [
    aberration * (Math.sin(sun) + eccentricity * Math.sin(perigee)),
    -aberration * (Math.cos(sun) + eccentricity * Math.cos(perigee)),
    0,
  ];
  return turnX(velocity, -84_381.448 * ARCSEC);
}

/** Unit vector to the Sun in TEME to 0.01 degrees: enough for a shadow. */
export function sunDirection(tai: TaiMs): Vector {
  const T = (mjdUtc(tai) - 51_544.5) / 36_525;
  const anomaly = (357.52911 + 35_999.05029 * T) * RADIAN;
  const longitude = (280.46646 + 36_000.76983 * T + 1.9146 * Math.sin(anomaly)) * RADIAN;
  return turnX([Math.cos(longitude), Math.sin(longitude), 0], -84_381 * ARCSEC);
}

/** Turns of the axes: the components of one vector in axes turned by the angle. */
function turnX([x, y, z]: Vector, angle: number): Vector {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [x, c * y + s * z, c * z - s * y];
}
function turnY([x, y, z]: Vector, angle: number): Vector {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c * x - s * z, y, s * x + c * z];
}
function turnZ([x, y, z]: Vector, angle: number): Vector {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c * x + s * y, c * y - s * x, z];
}

export function add(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}
export function subtract(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
export function scale(v: Vector, factor: number): Vector {
  return [v[0] * factor, v[1] * factor, v[2] * factor];
}
