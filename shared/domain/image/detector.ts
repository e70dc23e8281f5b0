import { numberOf } from '../fits/header.ts';
import { readFits } from '../fits/read.ts';
import { type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import { refineAstrometry } from './astrometry.ts';
import { measureBackground, subtractBackground, typicalBackground } from './background.ts';
import type { ImageConfig } from './config.ts';
import { markCosmicRays } from './cosmic-rays.ts';
import { cutStamps } from './cutouts.ts';
import { type Difference, subtractTemplate } from './difference.ts';
import { interpolateMasked } from './interpolate.ts';
import { blankImage, MASK, type MaskedImage, UNUSABLE } from './masked-image.ts';
import type { Match } from './match-kernels.ts';
import type { Scene } from './measure.ts';
import { measureAll } from './measure-all.ts';
import type { MeasuredSource } from './measured-source.ts';
import type { FoundObject } from './objects.ts';
import { pointFlux } from './point-flux.ts';
import { writeProduct } from './products.ts';
import { type PsfModel, psfAt } from './psf.ts';
import { type Quality, refusalOf, residualRatio } from './quality.ts';
import type { ReferenceStar } from './reference-star.ts';
import { ImageRefused } from './refusal.ts';
import { type Exposure, removeSignature } from './signature.ts';
import { skyVariance } from './sky-variance.ts';
import { matchTemplate, surveyStars } from './star-field.ts';
import { coverage, readTemplateTile, warpInto } from './warp.ts';
import { solveZeroPoint } from './zero-point.ts';

export type { MeasuredSource } from './measured-source.ts';
export type { Quality } from './quality.ts';
export type { ReferenceStar } from './reference-star.ts';

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

export type DetectorResult =
  | {
      readonly outcome: 'measured';
      /** Ordered by (y, x). */
      readonly sources: readonly MeasuredSource[];
      readonly wcs: Wcs;
      readonly quality: Quality;
      /** FITS: IMAGE, VARIANCE, MASK and PSF in nJy, with world coordinates. */
      readonly products: { readonly difference: Uint8Array; readonly calibrated: Uint8Array };
      /** Milliseconds by stage; filled by the caller's clock where it gives one. */
      readonly timingMs: Readonly<Record<string, number>>;
    }
  | { readonly outcome: 'refused'; readonly reason: string; readonly quality: Partial<Quality> };

/**
 * Raw bytes to measured sources: signature, background, PSF, astrometry, zero point, template, kernel, difference,
 * detection, measurement, stamps, quality gate. A detector that cannot be measured is refused with its reason; bytes
 * that are no FITS throw FitsError.
 *
 * @param clock milliseconds from any origin, for timingMs
 */
export function processDetector(input: DetectorInput, clock: () => number = () => 0): DetectorResult {
  const quality: Partial<Mutable<Quality>> = {};
  try {
    return measureDetector(input, quality, stopwatch(clock));
  } catch (error) {
    if (error instanceof ImageRefused) return { outcome: 'refused', reason: error.message, quality };
    throw error;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Notes = Partial<Mutable<Quality>>;
type Stopwatch = { readonly timingMs: Record<string, number>; stage<T>(name: string, work: () => T): T };

function stopwatch(clock: () => number): Stopwatch {
  const timingMs: Record<string, number> = {};
  return {
    timingMs,
    stage(name, work) {
      const start = clock();
      const result = work();
      timingMs[name] = (timingMs[name] ?? 0) + clock() - start;
      return result;
    },
  };
}

function measureDetector(input: DetectorInput, notes: Notes, { stage, timingMs }: Stopwatch): DetectorResult {
  const { exposure, predicted, rotPaDeg } = stage('signature', () => readExposure(input));
  stage('background', () => removeSky(exposure, notes));
  const field = stage('psf', () => surveyStars(exposure.image));
  const { objects, stars, psf } = field;
  Object.assign(notes, { psfStars: psf.starCount, psfOrder: psf.order } satisfies Notes);
  stage('cosmic rays', () => removeCosmicRays(exposure.image, psf, notes));
  const wcs = stage('calibrate', () => calibrate(input, exposure, objects, psf, predicted, notes));
  const science = exposure.image;
  const template = stage('template', () => warpTemplate(input, science, wcs, notes));
  const { match, templateFwhm } = stage('kernel', () => matchTemplate(science, template, field));
  const sourceVariance = notes.njyPerElectron ?? 1;
  const difference = stage('difference', () =>
    subtractTemplate(science, template, match, psf, sourceVariance, stars),
  );
  const quality = stage('quality', () =>
    finishQuality({ ...notes, templateFwhmArcsec: templateFwhm }, match, difference, stars, wcs, psf),
  );
  const refused = refusalOf(quality);
  if (refused !== undefined) return { outcome: 'refused', reason: refused, quality };
  const scene: Scene = { difference, science, psf, wcs, sourceVariance };
  const measured = stage('measure', () => measureAll(scene, input.config.threshold));
  const calibrated = withSourceVariance(science, sourceVariance);
  const sources = stage('stamps', () =>
    measured.map((source) => ({ ...source, stamps: cutStamps(scene, calibrated, source, rotPaDeg) })),
  );
  const products = stage('products', () => {
    const common = { wcs, unit: 'nJy', sourceVariance };
    return {
      difference: writeProduct({ ...common, image: difference.image, psfAt: difference.psfAt }),
      calibrated: writeProduct({ ...common, image: calibrated, psfAt: (x, y) => psfAt(psf, x, y) }),
    };
  });
  return { outcome: 'measured', sources, wcs, quality, products, timingMs };
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
function removeSky({ image, readNoise, signatureRemoved }: Exposure, notes: Notes): void {
  interpolateMasked(image, UNUSABLE);
  const background = measureBackground(image.image, image.mask, image.width, image.height, UNUSABLE);
  const { level, rms } = typicalBackground(background);
  subtractBackground(image.image, background);
  const { variance, source } = skyVariance(background, readNoise);
  image.variance.set(variance);
  Object.assign(notes, {
    signatureRemoved,
    skyElectrons: level,
    skyRmsElectrons: rms,
    varianceFrom: source,
  } satisfies Notes);
}

/** Cosmic rays of the single image, before anything blurs them, interpolated. The image is in electrons. */
function removeCosmicRays(image: MaskedImage, psf: PsfModel, notes: Notes): void {
  const { width, height, variance, mask } = image;
  const total = variance.map((value, i) => value + Math.max(0, image.image[i]));
  notes.cosmicRayPixels = markCosmicRays(
    image.image,
    total,
    mask,
    width,
    height,
    psfAt(psf, width / 2, height / 2),
  );
  interpolateMasked(image, MASK.CR);
}

/** Refines the coordinates, finds the zero point and brings the image to nJy. */
function calibrate(
  { references, declaredZeroPoint, config }: DetectorInput,
  { image, gain }: Exposure,
  objects: readonly FoundObject[],
  psf: PsfModel,
  predicted: Wcs,
  notes: Notes,
): Wcs {
  const solution = refineAstrometry(objects, references, predicted, image, config.matchRadiusArcsec);
  notes.matchedStars = solution?.matches.length ?? 0;
  notes.astrometricRmsArcsec = solution?.rmsArcsec ?? null;
  if (declaredZeroPoint !== undefined) {
    notes.zeroPointScatter = null;
    notes.njyPerElectron = declaredZeroPoint / gain;
  } else {
    if (solution === undefined)
      throw new ImageRefused(`fewer than 3 of ${references.length} reference stars match the image`);
    const pairs = solution.matches.flatMap(({ star, reference }) => {
      const flux = star.spoilt ? undefined : pointFlux(image, psfAt(psf, star.x, star.y), star.x, star.y);
      if (flux === undefined) return [];
      const fluxErr = Math.sqrt(flux.fluxErr ** 2 + Math.max(0, flux.flux) * flux.photonFactor);
      return [
        {
          flux: flux.flux,
          fluxErr,
          referenceFlux: reference.fluxNjy,
          referenceFluxErr: reference.fluxErrNjy,
        },
      ];
    });
    const zeroPoint = solveZeroPoint(pairs);
    if (zeroPoint === undefined)
      throw new ImageRefused(
        `fewer than 3 unsaturated reference stars for the zero point (${pairs.length} matched)`,
      );
    notes.zeroPointScatter = zeroPoint.scatter;
    notes.njyPerElectron = zeroPoint.njyPerElectron;
  }
  scale(image, notes.njyPerElectron);
  return solution?.wcs ?? predicted;
}

function scale({ image, variance }: MaskedImage, factor: number): void {
  for (let i = 0; i < image.length; i++) {
    image[i] *= factor;
    variance[i] *= factor * factor;
  }
}

function warpTemplate(
  { templates, config }: DetectorInput,
  science: MaskedImage,
  wcs: Wcs,
  notes: Notes,
): MaskedImage {
  const template = blankImage(science.width, science.height);
  template.mask.fill(MASK.NO_DATA);
  for (const { bytes } of templates) warpInto(template, wcs, readTemplateTile(readFits(bytes)));
  const fraction = coverage(template);
  notes.templateFraction = fraction;
  if (fraction < config.templateFraction) {
    const percent = (100 * fraction).toFixed(1);
    throw new ImageRefused(
      `templates cover ${percent} % of the detector, less than ${100 * config.templateFraction} %`,
    );
  }
  const background = measureBackground(
    template.image,
    template.mask,
    template.width,
    template.height,
    UNUSABLE,
  );
  subtractBackground(template.image, background);
  for (let i = 0; i < template.image.length; i++)
    if ((template.mask[i] & MASK.NO_DATA) !== 0) template.image[i] = 0;
  return template;
}

function finishQuality(
  notes: Notes,
  { direction, kernel }: Match,
  difference: Difference,
  stars: readonly FoundObject[],
  wcs: Wcs,
  psf: PsfModel,
): Quality {
  const scaleArcsec = 3600 * Math.sqrt(Math.abs(wcs.cd[0] * wcs.cd[3] - wcs.cd[1] * wcs.cd[2]));
  return {
    signatureRemoved: false,
    skyElectrons: 0,
    skyRmsElectrons: 0,
    varianceFrom: 'measured background',
    psfStars: 0,
    psfOrder: 0,
    astrometricRmsArcsec: null,
    matchedStars: 0,
    njyPerElectron: 1,
    zeroPointScatter: null,
    templateFraction: 1,
    ...notes,
    fwhmArcsec: psf.fwhm * scaleArcsec,
    templateFwhmArcsec: (notes.templateFwhmArcsec ?? 0) * scaleArcsec,
    convolved: direction,
    kernelStamps: kernel.stampCount,
    kernelOrder: kernel.order,
    kernelSum: kernel.sum,
    kernelSumScatter: kernel.sumScatter,
    kernelChi2: kernel.chi2,
    residualRatio: residualRatio(difference, stars),
    scoreSigma: difference.scoreSigma,
    cosmicRayPixels: (notes.cosmicRayPixels ?? 0) + difference.cosmicRayPixels,
  };
}

/** The calibrated image with the photon noise of its sources in the variance. */
function withSourceVariance(science: MaskedImage, sourceVariance: number): MaskedImage {
  const variance = science.variance.map((value, i) => value + Math.max(0, science.image[i]) * sourceVariance);
  return { ...science, variance };
}
