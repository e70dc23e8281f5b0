import { type Header, numberOf, textOf } from '../fits/header.ts';
import { type OpenHdu, openFits } from '../fits/open.ts';
import { pixelScaleArcsec, type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import { type AstrometricSolution, refineAstrometry } from './astrometry.ts';
import { measureBackground, typicalBackground } from './background-mesh.ts';
import type { ImageConfig } from './config.ts';
import { markCosmicRays } from './cosmic-rays.ts';
import {
  type CalibrationBytes,
  type ExposurePlanes,
  openRaw,
  removeInstrumentSignature,
  type Signature,
} from './instrument-signature.ts';
import { interpolateMasked } from './interpolate.ts';
import { MASK, UNUSABLE } from './masked-image.ts';
import { backgroundSpline, subtractSpline } from './mesh-spline.ts';
import type { FoundObject } from './objects.ts';
import { cutPatch } from './patch.ts';
import { pointFlux } from './point-flux.ts';
import { type PsfModel, psfAt } from './psf.ts';
import type { Quality } from './quality.ts';
import type { ReferenceStar } from './reference-star.ts';
import { ImageRefused, nameFile } from './refusal.ts';
import { type ScienceImage, scienceImage } from './sky-images.ts';
import { type SkyNoise, skyNoise } from './sky-noise.ts';
import type { StarField } from './star-field.ts';
import type { Stopwatch } from './stopwatch.ts';
import { surveyStars } from './survey-stars.ts';
import type { Workspace } from './workspace.ts';
import { solveZeroPoint } from './zero-point.ts';

/**
 * A detector's files and what is known of it. Each file is asked for once, when its turn has come: a property may be a
 * getter that reads it then, so that not all of them lie in memory at one time.
 */
export interface DetectorInput extends CalibrationBytes {
  readonly raw: Uint8Array;
  /** Tiles in nJy, HDUs IMAGE, VARIANCE and perhaps MASK, each with its own world coordinates. */
  readonly templates: readonly { readonly bytes: Uint8Array }[];
  readonly references: readonly ReferenceStar[];
  /** From pointing and camera; without it the raw header's own. */
  readonly predictedWcs?: Wcs;
  /** nJy of one count of the raw, where the observatory states it: taken instead of the reference stars'. */
  readonly declaredZeroPoint?: number;
  /** Cards that its products carry in their primary headers. */
  readonly productCards?: Header;
  readonly config: ImageConfig;
}

/** What is known of an image's quality before it meets its template. */
export type ExposureQuality = Pick<
  Quality,
  | 'signatureRemoved'
  | 'skyElectrons'
  | 'skyRmsElectrons'
  | 'varianceFrom'
  | 'psfStars'
  | 'psfOrder'
  | 'fwhmArcsec'
  | 'cosmicRayPixels'
  | 'matchedStars'
  | 'astrometricRmsArcsec'
  | 'zeroPointScatter'
>;

/** An exposure on refined coordinates, without sky, with its stars and PSF. */
export interface CalibratedExposure {
  /** Electrons. */
  readonly electrons: ScienceImage;
  /** Electrons². */
  readonly noise: SkyNoise;
  readonly field: StarField;
  readonly psf: PsfModel;
  readonly wcs: Wcs;
  /** Undefined where neither a reference star nor the observatory tells it. */
  readonly njyPerElectron: number | undefined;
  /** Position angle from the header's ROTPA. */
  readonly rotPaDeg: number | undefined;
  readonly quality: ExposureQuality;
}

/** An exposure on its way: electrons, in planes of the workspace. */
interface Exposure extends ExposurePlanes {
  readonly width: number;
  readonly height: number;
}

/**
 * Raw bytes to a calibrated exposure: signature, sky, stars and PSF, cosmic rays, coordinates, zero point.
 *
 * @param notes is told what is known of the quality, also where the exposure is refused
 * @throws ImageRefused with the reason
 */
export function calibrateExposure(
  workspace: Workspace,
  input: DetectorInput,
  notes: Partial<Quality>,
  { stage }: Stopwatch,
): CalibratedExposure {
  const { exposure, signature, predicted, rotPaDeg } = stage('signature', () =>
    readExposure(workspace, input),
  );
  const { noise, ...sky } = stage('background', () => removeSky(workspace, exposure, signature));
  Object.assign(notes, sky);
  const electrons = scienceImage(exposure, noise, 1);
  const field = stage('psf', () => surveyStars(workspace, electrons));
  const { psf, objects } = field;
  const cosmicRayPixels = stage('cosmic rays', () => removeCosmicRays(workspace, electrons, psf));
  const psfQuality = { psfStars: psf.starCount, psfOrder: psf.order, cosmicRayPixels };
  Object.assign(notes, psfQuality satisfies Partial<Quality>);
  return stage('calibrate', () => {
    const radius = input.config.matchRadiusArcsec;
    const solution = refineAstrometry(objects, input.references, predicted, exposure, radius);
    const wcs = solution?.wcs ?? predicted;
    const astrometry = {
      matchedStars: solution?.matches.length ?? 0,
      astrometricRmsArcsec: solution?.rmsArcsec ?? null,
      fwhmArcsec: psf.fwhm * pixelScaleArcsec(wcs, exposure.width / 2, exposure.height / 2),
    };
    Object.assign(notes, astrometry satisfies Partial<Quality>);
    const zeroPoint = zeroPointOf(input, electrons, signature.gain, solution, psf);
    Object.assign(notes, zeroPoint satisfies Partial<Quality>);
    return {
      electrons,
      noise,
      field,
      psf,
      wcs,
      njyPerElectron: zeroPoint.njyPerElectron,
      rotPaDeg,
      quality: { ...sky, ...psfQuality, ...astrometry, zeroPointScatter: zeroPoint.zeroPointScatter },
    };
  });
}

/** Reads the raw onto planes of the detector. */
function readExposure(
  workspace: Workspace,
  input: DetectorInput,
): { exposure: Exposure; signature: Signature; predicted: Wcs; rotPaDeg: number | undefined } {
  const hdus = nameFile('the raw', () => openFits(input.raw));
  const raw = openRaw(hdus);
  const { width, height } = raw;
  const exposure = {
    width,
    height,
    image: workspace.floats(width * height),
    mask: workspace.words(width * height),
  };
  return {
    exposure,
    signature: nameFile('the raw', () =>
      removeInstrumentSignature(raw, input, input.config, exposure, workspace),
    ),
    predicted: input.predictedWcs ?? coordinatesOf(hdus),
    rotPaDeg: numberOf(hdus[0].header, 'ROTPA'),
  };
}

/** The first coordinates of the raw: the primary header's, which are the whole detector's, before an amplifier's. */
function coordinatesOf(hdus: readonly OpenHdu[]): Wcs {
  const hdu = hdus.find(({ header }) => textOf(header, 'CTYPE1') !== undefined);
  if (hdu === undefined) throw new ImageRefused('the raw has no world coordinates (CTYPE1), nor a pointing');
  return nameFile("the raw's world coordinates", () => wcsFromHeader(hdu.header));
}

/** Interpolates defects, measures the sky and subtracts it. Electrons. */
function removeSky(workspace: Workspace, exposure: Exposure, { readNoise, signatureRemoved }: Signature) {
  interpolateMasked(workspace, exposure, UNUSABLE);
  const { image, mask, width, height } = exposure;
  const background = measureBackground(workspace, image, mask, width, height, UNUSABLE);
  const { level, rms } = typicalBackground(background);
  subtractSpline(workspace, image, backgroundSpline(background, 'level'));
  const noise: SkyNoise = skyNoise(background, readNoise);
  return { noise, signatureRemoved, skyElectrons: level, skyRmsElectrons: rms, varianceFrom: noise.source };
}

/** Cosmic rays of the single image, before anything blurs them, interpolated. The image is in electrons. */
function removeCosmicRays(workspace: Workspace, electrons: ScienceImage, psf: PsfModel): number {
  const { width, height, image, varianceAt } = electrons;
  // Electrons of a source are their own variance.
  const noisy = {
    ...electrons,
    varianceAt: (x: number, y: number) => varianceAt(x, y) + Math.max(0, image[y * width + x]),
  };
  const marked = markCosmicRays(workspace, noisy, psfAt(psf, width / 2, height / 2));
  interpolateMasked(workspace, electrons, MASK.CR);
  return marked.length;
}

/** nJy of an electron: declared, or from the reference stars' PSF fluxes; unknown where there is neither. */
function zeroPointOf(
  { references, declaredZeroPoint }: DetectorInput,
  electrons: ScienceImage,
  gain: number,
  solution: AstrometricSolution<FoundObject> | undefined,
  psf: PsfModel,
): { njyPerElectron: number | undefined; zeroPointScatter: number | null } {
  if (declaredZeroPoint !== undefined)
    return { njyPerElectron: declaredZeroPoint / gain, zeroPointScatter: null };
  if (references.length === 0) return { njyPerElectron: undefined, zeroPointScatter: null };
  if (solution === undefined) {
    throw new ImageRefused(`fewer than 3 of ${references.length} reference stars match the image`);
  }
  const pairs = solution.matches.flatMap(({ star, reference }) => {
    const flux = star.spoilt ? undefined : fluxOfStar(electrons, psf, star);
    if (flux === undefined) return [];
    return [{ ...flux, referenceFlux: reference.fluxNjy, referenceFluxErr: reference.fluxErrNjy }];
  });
  const zeroPoint = solveZeroPoint(pairs);
  if (zeroPoint === undefined) {
    throw new ImageRefused(
      `fewer than 3 unsaturated reference stars for the zero point (${pairs.length} matched)`,
    );
  }
  return { njyPerElectron: zeroPoint.njyPerElectron, zeroPointScatter: zeroPoint.scatter };
}

/** PSF flux of a star with its photons in the error, electrons. */
function fluxOfStar(
  electrons: ScienceImage,
  psf: PsfModel,
  { x, y }: FoundObject,
): { flux: number; fluxErr: number } | undefined {
  const reach = psf.half + 1;
  const [cx, cy] = [Math.round(x), Math.round(y)];
  const patch = cutPatch(electrons, cx - reach, cy - reach, cx + reach, cy + reach);
  const measured = pointFlux(patch, psfAt(psf, x, y), x - patch.x0, y - patch.y0);
  if (measured === undefined) return undefined;
  const { flux, fluxErr, photonFactor } = measured;
  return { flux, fluxErr: Math.sqrt(fluxErr ** 2 + Math.max(0, flux) * photonFactor) };
}
