import { invert } from './newton.ts';
import { type Sip, sipMap } from './sip.ts';
import { type Tpv, tpvMap } from './tpv.ts';
import {
  ARCSEC_A_RADIAN,
  cross,
  fromPlane,
  RADIANS_A_DEGREE,
  type RaDec,
  tangentPlane,
  toPlane,
  toRaDec,
  toVector,
} from './vector.ts';

export { wcsFromHeader, wcsToCards } from './wcs-header.ts';

/**
 * World coordinates of an image in the tangent projection (Calabretta & Greisen 2002, A&A 395, 1077), ICRS.
 * Plain data, so that it crosses to a worker and into JSON.
 */
export interface Wcs {
  /** Right ascension and declination of the reference point. */
  readonly crvalDeg: readonly [number, number];
  /** Its pixel, 0-based: the centre of the first pixel is (0, 0), one less than FITS's CRPIX. */
  readonly crpix: readonly [number, number];
  /** cd11, cd12, cd21, cd22 in degrees a pixel. */
  readonly cd: readonly [number, number, number, number];
  readonly distortion?: Sip | Tpv;
  /** Native longitude of the celestial pole where it is not the default: 180, or 0 for a reference at the north pole. */
  readonly lonpoleDeg?: number;
}

/** Steps of the inverse end when they are this small: 1e-9 pixel, and 1e-13 degree (4e-10 arcsec) for TPV. */
const PIXEL_TOLERANCE = 1e-9;
const DEGREE_TOLERANCE = 1e-13;

/** Position of a pixel (0-based, any real numbers). */
export function pixelToSky(wcs: Wcs, x: number, y: number): RaDec {
  let u = x - wcs.crpix[0];
  let v = y - wcs.crpix[1];
  if (wcs.distortion?.kind === 'SIP') [u, v] = sipMap(wcs.distortion)(u, v);
  let planeX = wcs.cd[0] * u + wcs.cd[1] * v;
  let planeY = wcs.cd[2] * u + wcs.cd[3] * v;
  if (wcs.distortion?.kind === 'TPV') [planeX, planeY] = tpvMap(wcs.distortion)(planeX, planeY);
  const [cos, sin] = poleRotation(wcs);
  const xi = -(cos * planeX + sin * planeY) * RADIANS_A_DEGREE;
  const eta = (sin * planeX - cos * planeY) * RADIANS_A_DEGREE;
  return toRaDec(fromPlane(tangentPlane(...wcs.crvalDeg), xi, eta));
}

/**
 * Pixel of a position; undefined 90 degrees and more from the reference point, and where a distortion cannot be
 * inverted, which is far outside the image that it was fitted to.
 */
export function skyToPixel(wcs: Wcs, raDeg: number, decDeg: number): { x: number; y: number } | undefined {
  const point = toPlane(tangentPlane(...wcs.crvalDeg), toVector(raDeg, decDeg));
  if (!point) return undefined;
  const [cos, sin] = poleRotation(wcs);
  const planeX = (-cos * point.xi + sin * point.eta) / RADIANS_A_DEGREE;
  const planeY = (-sin * point.xi - cos * point.eta) / RADIANS_A_DEGREE;
  const offset = planeToOffset(wcs, planeX, planeY);
  return offset && { x: offset[0] + wcs.crpix[0], y: offset[1] + wcs.crpix[1] };
}

/** Side in arcseconds of a square with the area of the pixel there. */
export function pixelScaleArcsec(wcs: Wcs, x: number, y: number): number {
  const left = vectorOf(wcs, x - 0.5, y);
  const right = vectorOf(wcs, x + 0.5, y);
  const below = vectorOf(wcs, x, y - 0.5);
  const above = vectorOf(wcs, x, y + 0.5);
  const alongX = [right[0] - left[0], right[1] - left[1], right[2] - left[2]] as const;
  const alongY = [above[0] - below[0], above[1] - below[1], above[2] - below[2]] as const;
  return Math.sqrt(Math.hypot(...cross(alongX, alongY))) * ARCSEC_A_RADIAN;
}

/** The same coordinates for a part of the image that begins at pixel (x0, y0). */
export function shiftWcs(wcs: Wcs, x0: number, y0: number): Wcs {
  return { ...wcs, crpix: [wcs.crpix[0] - x0, wcs.crpix[1] - y0] };
}

function vectorOf(wcs: Wcs, x: number, y: number) {
  const { raDeg, decDeg } = pixelToSky(wcs, x, y);
  return toVector(raDeg, decDeg);
}

/** Plane coordinates in degrees -> pixel offsets from the reference pixel, distortion undone. */
function planeToOffset(wcs: Wcs, planeX: number, planeY: number): readonly [number, number] | undefined {
  const { distortion } = wcs;
  if (distortion?.kind === 'TPV') {
    const linear = invert(tpvMap(distortion), planeX, planeY, [planeX, planeY], DEGREE_TOLERANCE);
    return linear && solve(wcs.cd, ...linear);
  }
  const offset = solve(wcs.cd, planeX, planeY);
  return distortion ? invert(sipMap(distortion), ...offset, offset, PIXEL_TOLERANCE) : offset;
}

function solve([a, b, c, d]: Wcs['cd'], x: number, y: number): [number, number] {
  const determinant = a * d - b * c;
  return [(d * x - b * y) / determinant, (a * y - c * x) / determinant];
}

/** Cosine and sine of the native longitude of the celestial pole. */
function poleRotation({
  crvalDeg,
  lonpoleDeg = crvalDeg[1] >= 90 ? 0 : 180,
}: Wcs): readonly [number, number] {
  return [Math.cos(lonpoleDeg * RADIANS_A_DEGREE), Math.sin(lonpoleDeg * RADIANS_A_DEGREE)];
}
