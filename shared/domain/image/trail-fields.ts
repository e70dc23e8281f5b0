import { pixelToSky } from '../sky/wcs.ts';
import { bandAround } from './band.ts';
import type { Candidate } from './candidates.ts';
import { refinePsf } from './fine-psf.ts';
import { bearingDeg, type LocalSky, skyErrors } from './local-sky.ts';
import type { MaskedImage } from './masked-image.ts';
import type { Scene } from './measure.ts';
import type { Moments } from './moments.ts';
import { trailFlux } from './trail.ts';

/** Pixels of a trail: from the fit, the streak, or (points) the excess of the moments over the PSF's: L² = 12 (major - PSF). */
function trailGeometry(
  candidate: Candidate,
  x: number,
  y: number,
  moments: Moments | undefined,
  psf: Moments | undefined,
) {
  const { trail, streak } = candidate;
  if (trail) return { ...trail };
  if (streak) {
    const [dx, dy] = [streak.x1 - streak.x0, streak.y1 - streak.y0];
    return {
      x,
      y,
      length: Math.hypot(dx, dy),
      angleRad: Math.atan2(dy, dx),
      lengthErr: null,
      angleErrRad: null,
    };
  }
  if (moments === undefined || psf === undefined) return undefined;
  const [xx, yy, xy] = [moments.ixx - psf.ixx, moments.iyy - psf.iyy, moments.ixy - psf.ixy];
  const major = (xx + yy) / 2 + Math.hypot((xx - yy) / 2, xy);
  const length = Math.sqrt(12 * Math.max(0, major));
  return { x, y, length, angleRad: 0.5 * Math.atan2(2 * xy, xx - yy), lengthErr: null, angleErrRad: null };
}

/** The trail fields of schema 11.1, which every source has that has moments. */
export function trailFields(
  { difference, wcs }: Pick<Scene, 'difference' | 'wcs'>,
  candidate: Candidate,
  x: number,
  y: number,
  moments: Moments | undefined,
  ofPsf: Moments | undefined,
  sky: LocalSky,
) {
  const { image } = difference;
  const geometry = trailGeometry(candidate, x, y, moments, ofPsf);
  const radius = difference.fwhm / 2.355;
  const touchesEdge = footprintTouchesEdge(candidate, image);
  if (geometry === undefined) {
    return {
      ...noTrail,
      trail_flag: true,
      trail_flag_edge: touchesEdge,
      suspectLongTrail: false,
    };
  }
  const linear =
    candidate.trail ??
    trailFlux(
      bandAround(image, geometry, 1.5 * difference.fwhm),
      refinePsf(difference.psfAt(x, y)),
      geometry,
    );
  const { raDeg, decDeg } = pixelToSky(wcs, geometry.x, geometry.y);
  const errors = candidate.trail ? skyErrors(sky, candidate.trail.xErr, candidate.trail.yErr, 0) : undefined;
  return {
    trailFlux: linear?.flux ?? null,
    trailFluxErr: linear?.fluxErr ?? null,
    trailRa: raDeg,
    trailRaErr: errors?.raErr ?? null,
    trailDec: decDeg,
    trailDecErr: errors?.decErr ?? null,
    trailLength: geometry.length * sky.scale,
    trailLengthErr: geometry.lengthErr === null ? null : geometry.lengthErr * sky.scale,
    trailAngle: bearingDeg(sky, Math.cos(geometry.angleRad), Math.sin(geometry.angleRad)) % 180,
    trailAngleErr: geometry.angleErrRad === null ? null : (geometry.angleErrRad * 180) / Math.PI,
    trailChi2: linear?.chi2 ?? null,
    trailNdata: linear?.count ?? 0,
    trailAlgorithm: 1,
    trail_flag: false,
    trail_flag_edge: touchesEdge,
    suspectLongTrail: geometry.length > 3 * radius,
  };
}

const noTrail = {
  trailFlux: null,
  trailFluxErr: null,
  trailRa: null,
  trailRaErr: null,
  trailDec: null,
  trailDecErr: null,
  trailLength: null,
  trailLengthErr: null,
  trailAngle: null,
  trailAngleErr: null,
  trailChi2: null,
  trailNdata: 0,
  trailAlgorithm: null,
};

/** In the 12 px that the kernel needs at the border a trail's end cannot be seen. */
function footprintTouchesEdge({ footprint }: Candidate, { width, height }: MaskedImage): boolean {
  const near = 12;
  return (
    footprint.minX < near ||
    footprint.minY < near ||
    footprint.maxX >= width - near ||
    footprint.maxY >= height - near
  );
}
