import type { Instrument } from '../ids/instruments.ts';
import { detectorPolygon } from '../sky/camera.ts';
import { htmEnvelope } from '../sky/htm.ts';
import { convexHull, type Polygon } from '../sky/vector.ts';
import type { ExposureRow } from './exposure-row.ts';

/** Butler's common tiling of the sky, in which overlaps are recorded. */
export const skypix = { system: 'htm', level: 7 } as const;

/** Pixels by which obs_base's visit definition pads a detector. */
const paddingPx = 250;

/** The visit systems of Rubin's cameras that we fill or that an instrument's row names. */
export const visitSystems = { 'one-to-one': 0, 'by-seq-start-end': 2 } as const;

/** A region with the trixels that it touches. */
export interface Region {
  readonly region: Polygon;
  /** Ascending. */
  readonly trixels: readonly number[];
}

/** A visit's place on the sky, and that of each detector of the camera, guiders and wavefront sensors included. */
export interface VisitRegions extends Region {
  readonly detectors: readonly (Region & { readonly detector: number })[];
}

/**
 * The regions of the visit that an exposure makes, one visit an exposure (Rubin's visit system `one-to-one`);
 * undefined where it makes none: it did not track the sky, its angle on the sky is unknown, or it could see no sky.
 */
export function visitRegions(instrument: Instrument, exposure: ExposureRow): VisitRegions | undefined {
  const { tracking_ra: raDeg, tracking_dec: decDeg, sky_angle: skyAngleDeg } = exposure;
  if (raDeg === null || decDeg === null || skyAngleDeg === null || exposure.can_see_sky === false) {
    return undefined;
  }
  const boresight = { raDeg, decDeg, skyAngleDeg };
  const detectors = instrument.detectors.map(({ number }) => ({
    detector: number,
    ...withTrixels(detectorPolygon(instrument, number, boresight, paddingPx)),
  }));
  return { ...withTrixels(convexHull(detectors.flatMap(({ region }) => region))), detectors };
}

const withTrixels = (region: Polygon): Region => ({ region, trixels: htmEnvelope(region, skypix.level) });

/** sphgeom's encoding of a convex polygon: `p`, then each corner's x, y, z as little-endian doubles. */
export function encodeRegion(region: Polygon): Buffer {
  const bytes = Buffer.alloc(1 + 24 * region.length);
  bytes.write('p', 'latin1');
  for (const [i, corner] of region.entries()) {
    for (const [j, value] of corner.entries()) bytes.writeDoubleLE(value, 1 + 24 * i + 8 * j);
  }
  return bytes;
}
