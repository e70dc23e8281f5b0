import { numberOf } from '../fits/header.ts';
import { readFits } from '../fits/read.ts';
import { pixelScaleArcsec, type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import { type AstrometricSolution, refineAstrometry } from './astrometry.ts';
import { measureBackground, subtractBackground, typicalBackground } from './background.ts';
import type { ImageConfig } from './config.ts';
import { markCosmicRays } from './cosmic-rays.ts';
import { interpolateMasked } from './interpolate.ts';
import { MASK, type MaskedImage, scaleImage, UNUSABLE } from './masked-image.ts';
import type { FoundObject } from './objects.ts';
import { pointFlux } from './point-flux.ts';
import { type PsfModel, psfAt } from './psf.ts';
import type { Quality } from './quality.ts';
import type { ReferenceStar } from './reference-star.ts';
import { ImageRefused } from './refusal.ts';
import { type Exposure, removeSignature } from './signature.ts';
import { skyVariance } from './sky-variance.ts';
import { type StarField, surveyStars } from './star-field.ts';
import type { Stopwatch } from './stopwatch.ts';
import { solveZeroPoint } from './zero-point.ts';

export interface DetectorInput {
  readonly raw: Uint8Array;
  readonly bias?: Uint8Array;
  readonly dark?: Uint8Array;
  readonly flat?: Uint8Array;
  /** Tiles in nJy, HDUs IMAGE, VARIANCE and perhaps MASK, each with its own world coordinates. */
  readonly templates: readonly { readonly bytes: Uint8Array }[];
  readonly references: readonly ReferenceStar[];
  /** From pointing and camera; without it the raw header's own. */
  readonly predictedWcs?: Wcs;
  /** nJy of one count of the raw, where the observatory states it: taken instead of the reference stars'. */
  readonly declaredZeroPoint?: number;
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
  | 'njyPerElectron'
  | 'zeroPointScatter'
>;

/** An exposure in nJy on refined coordinates, without sky, with its stars and PSF. */
export interface CalibratedExposure {
  /** Its variance is that of the sky alone. */
  readonly science: MaskedImage;
  readonly field: StarField;
  readonly psf: PsfModel;
  readonly wcs: Wcs;
  /** nJy² of variance for each nJy of a source. */
  readonly sourceVariance: number;
  /** Position angle from the header's ROTPA. */
  readonly rotPaDeg: number | undefined;
  readonly quality: ExposureQuality;
}

/**
 * Raw bytes to a calibrated exposure: signature, sky, stars and PSF, cosmic rays, coordinates, zero point.
 *
 * @param notes is told what is known of the quality, also where the exposure is refused
 * @throws ImageRefused with the reason
 */
export function calibrateExposure(
  input: DetectorInput,
  notes: Partial<Quality>,
  { stage }: Stopwatch,
): CalibratedExposure {
  const { exposure, predicted, rotPaDeg } = stage('signature', () => readExposure(input));
  const science = exposure.image;
  const sky = stage('background', () => removeSky(exposure));
  Object.assign(notes, sky);
  const field = stage('psf', () => surveyStars(science));
  const { psf, objects } = field;
  const cosmicRayPixels = stage('cosmic rays', () => removeCosmicRays(science, psf));
  Object.assign(notes, {
    psfStars: psf.starCount,
    psfOrder: psf.order,
    cosmicRayPixels,
  } satisfies Partial<Quality>);
  return stage('calibrate', () => {
    const solution = refineAstrometry(
      objects,
      input.references,
      predicted,
      science,
      input.config.matchRadiusArcsec,
    );
    const wcs = solution?.wcs ?? predicted;
    const astrometry = {
      matchedStars: solution?.matches.length ?? 0,
      astrometricRmsArcsec: solution?.rmsArcsec ?? null,
      fwhmArcsec: psf.fwhm * pixelScaleArcsec(wcs, science.width / 2, science.height / 2),
    };
    Object.assign(notes, astrometry satisfies Partial<Quality>);
    const zeroPoint = zeroPointOf(input, exposure, solution, psf);
    Object.assign(notes, zeroPoint satisfies Partial<Quality>);
    scaleImage(science, zeroPoint.njyPerElectron);
    const psfQuality = { psfStars: psf.starCount, psfOrder: psf.order, cosmicRayPixels };
    const quality = { ...sky, ...psfQuality, ...astrometry, ...zeroPoint };
    return { science, field, psf, wcs, sourceVariance: zeroPoint.njyPerElectron, rotPaDeg, quality };
  });
}

/** The raw's planes end with this function: a full detector's are 90 MB that the rest of the chain needs for its own. */
function readExposure(input: DetectorInput): {
  exposure: Exposure;
  predicted: Wcs;
  rotPaDeg: number | undefined;
} {
  const hdus = readFits(input.raw);
  const own = hdus.find(({ image }) => image !== undefined) ?? hdus[0];
  return {
    exposure: removeSignature(hdus, input, input.config),
    predicted: input.predictedWcs ?? wcsFromHeader(own.header),
    rotPaDeg: numberOf(hdus[0].header, 'ROTPA'),
  };
}

/** Interpolates defects, subtracts the sky and sets the variance to the sky's. Electrons. */
function removeSky({ image, readNoise, signatureRemoved }: Exposure) {
  interpolateMasked(image, UNUSABLE);
  const background = measureBackground(image.image, image.mask, image.width, image.height, UNUSABLE);
  const { level, rms } = typicalBackground(background);
  subtractBackground(image.image, background);
  const { variance, source } = skyVariance(background, readNoise);
  image.variance.set(variance);
  return { signatureRemoved, skyElectrons: level, skyRmsElectrons: rms, varianceFrom: source };
}

/** Cosmic rays of the single image, before anything blurs them, interpolated. The image is in electrons. */
function removeCosmicRays(image: MaskedImage, psf: PsfModel): number {
  const { width, height, variance, mask } = image;
  const total = variance.map((value, i) => value + Math.max(0, image.image[i]));
  const centre = psfAt(psf, width / 2, height / 2);
  const marked = markCosmicRays(image.image, total, mask, width, height, centre);
  interpolateMasked(image, MASK.CR);
  return marked;
}

/** nJy of an electron: declared, or from the reference stars' PSF fluxes. */
function zeroPointOf(
  { references, declaredZeroPoint }: DetectorInput,
  { image, gain }: Exposure,
  solution: AstrometricSolution<FoundObject> | undefined,
  psf: PsfModel,
): { njyPerElectron: number; zeroPointScatter: number | null } {
  if (declaredZeroPoint !== undefined)
    return { njyPerElectron: declaredZeroPoint / gain, zeroPointScatter: null };
  if (solution === undefined) {
    throw new ImageRefused(`fewer than 3 of ${references.length} reference stars match the image`);
  }
  const pairs = solution.matches.flatMap(({ star, reference }) => {
    const flux = star.spoilt ? undefined : pointFlux(image, psfAt(psf, star.x, star.y), star.x, star.y);
    if (flux === undefined) return [];
    const fluxErr = Math.sqrt(flux.fluxErr ** 2 + Math.max(0, flux.flux) * flux.photonFactor);
    return [
      { flux: flux.flux, fluxErr, referenceFlux: reference.fluxNjy, referenceFluxErr: reference.fluxErrNjy },
    ];
  });
  const zeroPoint = solveZeroPoint(pairs);
  if (zeroPoint === undefined) {
    throw new ImageRefused(
      `fewer than 3 unsaturated reference stars for the zero point (${pairs.length} matched)`,
    );
  }
  return { njyPerElectron: zeroPoint.njyPerElectron, zeroPointScatter: zeroPoint.scatter };
}
