import { pixelToSky, type Wcs } from '../sky/wcs.ts';
import { apertureFlux } from './aperture.ts';
import { removeOthers } from './blend.ts';
import type { Candidate } from './candidates.ts';
import type { Kernel } from './convolve.ts';
import type { Difference } from './difference.ts';
import { bearingDeg, type LocalSky, localSky, skyErrors } from './local-sky.ts';
import type { MeasuredSource } from './measured-source.ts';
import { adaptiveMoments, type Moments } from './moments.ts';
import { cutPatch, type Patch, type SkyPlane } from './patch.ts';
import { pixelFlags } from './pixel-flags.ts';
import { fitPoint } from './point-fit.ts';
import { type PointFlux, pointFlux } from './point-flux.ts';
import { type PsfModel, psfAt } from './psf.ts';
import { trailFields } from './trail-fields.ts';

/** All that a source is measured on, in nJy (or in the unit of a plain pair). */
export interface Scene {
  readonly difference: Difference;
  /** Background-subtracted; its variance is that of the sky alone. */
  readonly science: SkyPlane;
  readonly psf: PsfModel;
  readonly wcs: Wcs;
  /** Variance for each unit of source flux in a pixel. */
  readonly sourceVariance: number;
}

export type SourceWithoutStamps = Omit<MeasuredSource, 'stamps'>;

/** A source before the reliability model has seen it. */
export type UnjudgedSource = Omit<SourceWithoutStamps, 'reliability' | 'reliabilityVersion'>;

/** LSST's apFlux. */
const APERTURE_RADIUS = 12;

/** Measures one candidate in every field that pixels decide. */
export function measureSource(scene: Scene, candidate: Candidate): UnjudgedSource {
  const { difference, wcs } = scene;
  const { image } = difference;
  const psf = difference.psfAt(candidate.x, candidate.y);
  const patch = patchOf(candidate, difference, psf);
  const { x0, y0 } = patch;
  const fit =
    candidate.trail || candidate.streak || candidate.dipole
      ? undefined
      : fitPoint(patch, psf, candidate.x - x0, candidate.y - y0);
  const x = fit ? fit.x + x0 : candidate.x;
  const y = fit ? fit.y + y0 : candidate.y;
  const sky = localSky(wcs, x, y);
  const flux = pointFlux(patch, psf, x - x0, y - y0);
  const fluxErr = flux && withPhotons(flux, scene.sourceVariance);
  // The source's own photons widen the centroid as they widen the flux.
  const widening = flux && fluxErr ? fluxErr / flux.fluxErr : 1;
  const [xErr, yErr] = fit ? [fit.xErr * widening, fit.yErr * widening] : centroidErrors(candidate);
  const errors = skyErrors(sky, xErr ?? 0, yErr ?? 0, (fit?.xyCov ?? 0) * widening * widening);
  const sign = candidate.score > 0 ? 1 : -1;
  const aperture = apertureFlux(patch, x - x0, y - y0, APERTURE_RADIUS);
  const psfSigma = difference.fwhm / 2.355;
  const moments = adaptiveMoments(patch.image, patch.width, patch.height, x - x0, y - y0, psfSigma, sign);
  const ofPsf = stampMoments(psf, psfSigma);
  return {
    x,
    y,
    xErr,
    yErr,
    centroid_flag: fit === undefined && !candidate.trail && !candidate.dipole,
    ra: sky.raDeg,
    dec: sky.decDeg,
    raErr: xErr === null ? null : errors.raErr,
    decErr: yErr === null ? null : errors.decErr,
    ra_dec_Cov: xErr === null ? null : errors.raDecCov,
    apFlux: aperture.flux,
    apFluxErr: aperture.fluxErr,
    apFlux_flag: aperture.truncated,
    apFlux_flag_apertureTruncated: aperture.truncated,
    isNegative: candidate.score < 0,
    snr: Math.abs(candidate.score),
    psfFlux: flux?.flux ?? null,
    psfFluxErr: fluxErr ?? null,
    psfLnL: flux ? -flux.chi2 / 2 : null,
    psfChi2: flux?.chi2 ?? null,
    psfNdata: flux?.count ?? 0,
    psfFlux_flag: flux === undefined,
    psfFlux_flag_edge: flux?.edge ?? false,
    psfFlux_flag_noGoodPixels: flux === undefined,
    ...forcedFields(scene, x, y),
    ...dipoleFields(candidate, sky),
    ...trailFields(scene, candidate, x, y, moments, ofPsf, sky),
    ...shapeFields(moments, ofPsf, sky.scale),
    ...pixelFlags(image, candidate.footprint, x, y),
    bboxSize: footprintSide(candidate),
    glint_trail: false,
    ...boxFields(candidate, wcs, sky),
  };
}

/** Half side of what a source is measured on, pixels: moments have their ellipse in it up to a sigma of 4.5 px. */
const PATCH_HALF = 20;

/** The difference around a candidate, without the other point sources of its footprint. */
function patchOf({ x, y, blend }: Candidate, { image }: Difference, psf: Kernel): Patch {
  const [cx, cy] = [Math.round(x), Math.round(y)];
  const reach = Math.max(PATCH_HALF, psf.half + 3);
  const patch = cutPatch(image, cx - reach, cy - reach, cx + reach, cy + reach);
  if (blend) removeOthers(patch, psf, blend.points, blend.points[blend.own]);
  return patch;
}

function withPhotons({ flux, fluxErr, photonFactor }: PointFlux, sourceVariance: number): number {
  return Math.sqrt(fluxErr ** 2 + Math.max(0, flux) * sourceVariance * photonFactor);
}

function centroidErrors({ trail }: Candidate): [number | null, number | null] {
  return trail ? [trail.xErr, trail.yErr] : [null, null];
}

function forcedFields({ science, difference, psf, sourceVariance }: Scene, x: number, y: number) {
  // Beyond two FWHM a PSF has 1e-4 of its weight.
  const reach = Math.ceil(2 * psf.fwhm);
  const direct = forcedFlux(science, psfAt(psf, x, y), x, y, reach);
  const template = forcedFlux(difference.matched, difference.matchedPsfAt(x, y), x, y, reach);
  return {
    scienceFlux: direct?.flux ?? null,
    scienceFluxErr: direct ? withPhotons(direct, sourceVariance) : null,
    forced_PsfFlux_flag: direct === undefined,
    forced_PsfFlux_flag_edge: direct?.edge ?? true,
    forced_PsfFlux_flag_noGoodPixels: direct === undefined,
    templateFlux: template?.flux ?? null,
    templateFluxErr: template?.fluxErr ?? null,
  };
}

function forcedFlux(
  plane: SkyPlane,
  psf: Kernel,
  x: number,
  y: number,
  reach: number,
): PointFlux | undefined {
  const half = Math.min(psf.half, reach);
  const [cx, cy] = [Math.round(x), Math.round(y)];
  const patch = cutPatch(plane, cx - half, cy - half, cx + half, cy + half);
  return pointFlux(patch, psf, x - patch.x0, y - patch.y0, half);
}

function dipoleFields({ dipole, dipoleAttempted }: Candidate, sky: LocalSky) {
  if (dipole === undefined) {
    const none = null;
    return {
      dipoleMeanFlux: none,
      dipoleMeanFluxErr: none,
      dipoleFluxDiff: none,
      dipoleFluxDiffErr: none,
      dipoleLength: none,
      dipoleAngle: none,
      dipoleChi2: none,
      dipoleNdata: 0,
      isDipole: false,
      dipoleFitAttempted: dipoleAttempted,
    };
  }
  const { positive, negative } = dipole;
  const [dx, dy] = [positive.x - negative.x, positive.y - negative.y];
  const error = Math.hypot(positive.fluxErr, negative.fluxErr);
  return {
    dipoleMeanFlux: (positive.flux + negative.flux) / 2,
    dipoleMeanFluxErr: error / 2,
    dipoleFluxDiff: positive.flux - negative.flux,
    dipoleFluxDiffErr: error,
    dipoleLength: Math.hypot(dx, dy) * sky.scale,
    dipoleAngle: bearingDeg(sky, dx, dy),
    dipoleChi2: dipole.chi2,
    dipoleNdata: dipole.count,
    isDipole: dipole.isDipole,
    dipoleFitAttempted: true,
  };
}

function shapeFields(moments: Moments | undefined, psf: Moments | undefined, scale: number) {
  const area = scale * scale;
  return {
    ixx: moments ? moments.ixx * area : null,
    iyy: moments ? moments.iyy * area : null,
    ixy: moments ? moments.ixy * area : null,
    ixxPSF: psf ? psf.ixx * area : null,
    iyyPSF: psf ? psf.iyy * area : null,
    ixyPSF: psf ? psf.ixy * area : null,
    shape_flag: moments === undefined,
    shape_flag_no_pixels: false,
    shape_flag_not_contained: false,
    shape_flag_parent_source: false,
    extendedness: moments && psf ? extendedness(moments, psf) : null,
  };
}

/** 0 at the size of the PSF, 1 from twice its area on. */
function extendedness(moments: Moments, psf: Moments): number {
  return Math.min(1, Math.max(0, (moments.ixx + moments.iyy) / (psf.ixx + psf.iyy) - 1));
}

const psfMoments = new WeakMap<Kernel, { readonly moments: Moments | undefined }>();

/** Moments of a PSF, measured once. */
function stampMoments(psf: Kernel, sigma: number): Moments | undefined {
  const known = psfMoments.get(psf);
  if (known !== undefined) return known.moments;
  const side = 2 * psf.half + 1;
  const moments = adaptiveMoments(psf.values, side, side, psf.half, psf.half, sigma);
  psfMoments.set(psf, { moments });
  return moments;
}

function footprintSide({ footprint }: Candidate): number {
  return Math.max(footprint.maxX - footprint.minX, footprint.maxY - footprint.minY) + 1;
}

function boxFields({ footprint }: Candidate, wcs: Wcs, sky: LocalSky) {
  const { minX, maxX, minY, maxY } = footprint;
  const corner = (x: number, y: number): [number, number] => {
    const { raDeg, decDeg } = pixelToSky(wcs, x, y);
    return [raDeg, decDeg];
  };
  return {
    bboxSky: [corner(minX, minY), corner(maxX, minY), corner(maxX, maxY), corner(minX, maxY)] as const,
    footprintDiagonalArcsec: Math.hypot(maxX - minX + 1, maxY - minY + 1) * sky.scale,
  };
}
