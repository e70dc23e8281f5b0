import { projectionOf } from './projection.ts';
import type { Sip } from './sip.ts';
import type { Tpv } from './tpv.ts';
import { ARCSEC_A_RADIAN, cross, normalize, type RaDec, toRaDec, toVector, type Vector } from './vector.ts';

export { pixelMap } from './projection.ts';
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

const work = new Float64Array(3);

/** Position of a pixel (0-based, any real numbers). */
export function pixelToSky(wcs: Wcs, x: number, y: number): RaDec {
  projectionOf(wcs).toDirection(x, y, work);
  return toRaDec([work[0], work[1], work[2]]);
}

/**
 * Pixel of a position; undefined 90 degrees and more from the reference point, and where a distortion cannot be
 * inverted, which is far outside the image that it was fitted to.
 */
export function skyToPixel(wcs: Wcs, raDeg: number, decDeg: number): { x: number; y: number } | undefined {
  const [vx, vy, vz] = toVector(raDeg, decDeg);
  return projectionOf(wcs).toPixel(vx, vy, vz, work) ? { x: work[0], y: work[1] } : undefined;
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

function vectorOf(wcs: Wcs, x: number, y: number): Vector {
  projectionOf(wcs).toDirection(x, y, work);
  return normalize([work[0], work[1], work[2]]);
}
