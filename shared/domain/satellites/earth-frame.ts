import { gstime } from 'satellite.js';
import { type EarthOrientation, orientationAt } from '../sky/earth-orientation.ts';
import { ARCSEC_A_RADIAN, RADIANS_A_DEGREE, type Vector } from '../sky/vector.ts';
import { type MjdUtc, mjdTaiFromUtc } from '../time/scales.ts';
import { type CelestialPole, celestialPole } from './celestial-pole.ts';

/** Where the telescope stands, on the WGS 84 ellipsoid. */
export interface Site {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  readonly heightM: number;
}

type Matrix = readonly [Vector, Vector, Vector];

/** The geometry of one moment, all in GCRS axes. */
export interface EarthFrame {
  /** Rows of the turn from TEME, in which SGP4 answers (true equator, mean equinox of date), to the GCRS. */
  readonly fromTeme: Matrix;
  /** From the geocentre, km. */
  readonly observer: Vector;
  /** Of the observer about the geocentre, km/s. */
  readonly observerVelocity: Vector;
  /** Of the geocentre about the Solar System's centre, in units of the speed of light. */
  readonly earthVelocity: Vector;
}

const EARTH_TURN_RADIANS_S = 7.292115e-5;

/**
 * The way by the celestial intermediate origin (IERS Conventions 2010, chapter 5). TEME is turned by the sidereal time
 * of 1982, from which it is defined, into the Earth-fixed frame, and from there by the Earth rotation angle, which
 * takes the equation of the equinoxes with it; precession and nutation are in the pole's place (0.36 degrees in 2026).
 * Throws RangeError before 2010, where the table of the Earth's orientation begins.
 */
export function earthFrameAt(
  time: MjdUtc,
  site: Site,
  orientation: EarthOrientation = orientationAt(time),
): EarthFrame {
  const ut1 = time + orientation.ut1MinusUtcSeconds / 86_400;
  const rotation = earthRotationAngle(ut1);
  const centuries = (mjdTaiFromUtc(time) + 32.184 / 86_400 - 51_544.5) / 36_525;
  const toGcrs = gcrsFromCirs(celestialPole(centuries));
  const place = turn(aboutPole(-rotation), turnedByPolarMotion(earthFixed(site), orientation));
  const velocity: Vector = [-EARTH_TURN_RADIANS_S * place[1], EARTH_TURN_RADIANS_S * place[0], 0];
  return {
    fromTeme: multiply(toGcrs, aboutPole(gstime(ut1 + 2_400_000.5) - rotation)),
    observer: turn(toGcrs, place),
    observerVelocity: turn(toGcrs, velocity),
    earthVelocity: earthVelocityAt(centuries),
  };
}

export const turn = ([a, b, c]: Matrix, [x, y, z]: Vector): Vector => [
  a[0] * x + a[1] * y + a[2] * z,
  b[0] * x + b[1] * y + b[2] * z,
  c[0] * x + c[1] * y + c[2] * z,
];

/** Radians, within a turn or two (IERS Conventions 2010, equation 5.15). */
function earthRotationAngle(mjdUt1: number): number {
  const days = mjdUt1 - 51_544.5;
  return 2 * Math.PI * (0.779057273264 + 0.00273781191135448 * days + (days % 1));
}

/** From the celestial intermediate frame of date to the GCRS (IERS Conventions 2010, equation 5.7). */
function gcrsFromCirs({ x, y, s }: CelestialPole): Matrix {
  const z = Math.sqrt(1 - x * x - y * y);
  const a = 1 / (1 + z);
  return multiply(
    [
      [1 - a * x * x, -a * x * y, x],
      [-a * x * y, 1 - a * y * y, y],
      [-x, -y, z],
    ],
    aboutPole(s),
  );
}

/** Kilometres in the axes of the Earth's crust. */
function earthFixed({ latitudeDeg, longitudeDeg, heightM }: Site): Vector {
  const [equatorialKm, flattening] = [6378.137, 1 / 298.257223563];
  const squaredEccentricity = flattening * (2 - flattening);
  const [latitude, longitude] = [latitudeDeg * RADIANS_A_DEGREE, longitudeDeg * RADIANS_A_DEGREE];
  const normalKm = equatorialKm / Math.sqrt(1 - squaredEccentricity * Math.sin(latitude) ** 2);
  const axisDistance = (normalKm + heightM / 1000) * Math.cos(latitude);
  return [
    axisDistance * Math.cos(longitude),
    axisDistance * Math.sin(longitude),
    (normalKm * (1 - squaredEccentricity) + heightM / 1000) * Math.sin(latitude),
  ];
}

/** To the axes of the pole of rotation; to first order, 1e-12 of the vector. */
function turnedByPolarMotion([x, y, z]: Vector, { poleXArcsec, poleYArcsec }: EarthOrientation): Vector {
  const [poleX, poleY] = [poleXArcsec / ARCSEC_A_RADIAN, poleYArcsec / ARCSEC_A_RADIAN];
  return [x - poleX * z, y + poleY * z, z + poleX * x - poleY * y];
}

/** 20.4955": the constant of aberration, for the mean speed of the Earth (IAU 1976, with c and the au of today). */
const ABERRATION = 20.49551 / ARCSEC_A_RADIAN;
const OBLIQUITY = 84_381.406 / ARCSEC_A_RADIAN;

/** From the Earth's mean ellipse (Standish's elements for 1800 to 2050), within 0.021": the Sun's own motion is left out. */
function earthVelocityAt(T: number): Vector {
  const perihelion = (102.93768193 + 0.32327364 * T) * RADIANS_A_DEGREE;
  const meanAnomaly = (100.46457166 + 35_999.37244981 * T) * RADIANS_A_DEGREE - perihelion;
  const eccentricity = 0.01671123 - 0.00004392 * T;
  const centre =
    2 * eccentricity * Math.sin(meanAnomaly) + 1.25 * eccentricity ** 2 * Math.sin(2 * meanAnomaly);
  const longitude = meanAnomaly + centre + perihelion;
  const alongX = -ABERRATION * (Math.sin(longitude) + eccentricity * Math.sin(perihelion));
  const alongY = ABERRATION * (Math.cos(longitude) + eccentricity * Math.cos(perihelion));
  return [alongX, alongY * Math.cos(OBLIQUITY), alongY * Math.sin(OBLIQUITY)];
}

/** Turns the axes about the third one. */
function aboutPole(angle: number): Matrix {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [
    [cos, sin, 0],
    [-sin, cos, 0],
    [0, 0, 1],
  ];
}

function multiply(left: Matrix, right: Matrix): Matrix {
  const column = (index: 0 | 1 | 2): Vector =>
    turn(left, [right[0][index], right[1][index], right[2][index]]);
  const [first, second, third] = [column(0), column(1), column(2)];
  const row = (index: 0 | 1 | 2): Vector => [first[index], second[index], third[index]];
  return [row(0), row(1), row(2)];
}
