import { invert, type PlaneMap } from './newton.ts';
import { sipMap } from './sip.ts';
import { tpvMap } from './tpv.ts';
import { RADIANS_A_DEGREE, tangentPlane, type Vector } from './vector.ts';
import type { Wcs } from './wcs.ts';

/**
 * World coordinates made ready for many positions: between pixels and directions, without trigonometry and without an
 * object a position.
 */
export interface Projection {
  /** Direction of a pixel, of any length, into out[0..3). */
  toDirection(x: number, y: number, out: Float64Array): void;
  /**
   * Pixel of a direction of any length into out[0], out[1]; false 90 degrees and more from the reference point, and
   * where a distortion cannot be inverted.
   */
  toPixel(vx: number, vy: number, vz: number, out: Float64Array): boolean;
}

/**
 * Newton's steps end after one as small as this, since the error that it leaves is its square times the curvature: of
 * 1e-5 px with 1e-3 a pixel 1e-13 px, of 1e-7 degree (TPV) with 1e-1 a degree 4e-12 arcsec.
 */
const PIXEL_STEP = 1e-5;
const DEGREE_STEP = 1e-7;

const known = new WeakMap<Wcs, Projection>();

/** The projection of a Wcs, made once for each object. */
export function projectionOf(wcs: Wcs): Projection {
  const found = known.get(wcs) ?? makeProjection(wcs);
  known.set(wcs, found);
  return found;
}

function makeProjection(wcs: Wcs): Projection {
  const {
    crpix: [crpix1, crpix2],
    cd: [a, b, c, d],
    distortion,
  } = wcs;
  const { origin: o, alongX: ax, alongY: ay } = axesOf(wcs);
  const determinant = a * d - b * c;
  const sip: PlaneMap | undefined = distortion?.kind === 'SIP' ? sipMap(distortion) : undefined;
  const tpv: PlaneMap | undefined = distortion?.kind === 'TPV' ? tpvMap(distortion) : undefined;
  const work = new Float64Array(6);
  return {
    toDirection(x, y, out) {
      let u = x - crpix1;
      let v = y - crpix2;
      if (sip) {
        sip(u, v, work);
        u = work[0];
        v = work[3];
      }
      let planeX = a * u + b * v;
      let planeY = c * u + d * v;
      if (tpv) {
        tpv(planeX, planeY, work);
        planeX = work[0];
        planeY = work[3];
      }
      const xi = planeX * RADIANS_A_DEGREE;
      const eta = planeY * RADIANS_A_DEGREE;
      out[0] = o[0] + xi * ax[0] + eta * ay[0];
      out[1] = o[1] + xi * ax[1] + eta * ay[1];
      out[2] = o[2] + xi * ax[2] + eta * ay[2];
    },
    toPixel(vx, vy, vz, out) {
      const height = vx * o[0] + vy * o[1] + vz * o[2];
      if (!(height > 0)) return false;
      let planeX = (vx * ax[0] + vy * ax[1] + vz * ax[2]) / height / RADIANS_A_DEGREE;
      let planeY = (vx * ay[0] + vy * ay[1] + vz * ay[2]) / height / RADIANS_A_DEGREE;
      if (tpv) {
        if (!invert(tpv, planeX, planeY, planeX, planeY, DEGREE_STEP, out)) return false;
        planeX = out[0];
        planeY = out[1];
      }
      const u = (d * planeX - b * planeY) / determinant;
      const v = (a * planeY - c * planeX) / determinant;
      out[0] = u;
      out[1] = v;
      if (sip && !invert(sip, u, v, u, v, PIXEL_STEP, out)) return false;
      out[0] += crpix1;
      out[1] += crpix2;
      return true;
    },
  };
}

/** Directions of the reference point and of the plane's two axes, which LONPOLE turns. */
function axesOf({ crvalDeg, lonpoleDeg = crvalDeg[1] >= 90 ? 0 : 180 }: Wcs): {
  origin: Vector;
  alongX: Vector;
  alongY: Vector;
} {
  const { origin, east, north } = tangentPlane(...crvalDeg);
  const [cos, sin] = [Math.cos(lonpoleDeg * RADIANS_A_DEGREE), Math.sin(lonpoleDeg * RADIANS_A_DEGREE)];
  const turned = (e: number, n: number): Vector => [
    e * east[0] + n * north[0],
    e * east[1] + n * north[1],
    e * east[2] + n * north[2],
  ];
  return { origin, alongX: turned(-cos, sin), alongY: turned(-sin, -cos) };
}

/**
 * From pixels of one image to those of another: writes the pixel into out[at], out[at + 1]; false where there is none.
 * 64,000 positions of a grid take 10 ms.
 */
export function pixelMap(
  from: Wcs,
  to: Wcs,
): (x: number, y: number, out: Float64Array, at: number) => boolean {
  const [source, target] = [projectionOf(from), projectionOf(to)];
  const work = new Float64Array(3);
  return (x, y, out, at) => {
    source.toDirection(x, y, work);
    if (!target.toPixel(work[0], work[1], work[2], work)) return false;
    out[at] = work[0];
    out[at + 1] = work[1];
    return true;
  };
}
