import { type Header, numberOf, textOf } from '../fits/header.ts';
import { type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import { alignTemplate } from './align-template.ts';
import { type Difference, subtractTemplate } from './difference.ts';
import { MASK, UNMEASURED } from './masked-image.ts';
import type { Match } from './match-kernels.ts';
import type { SourceWithoutStamps } from './measure.ts';
import { measureAll } from './measure-all.ts';
import { type FrameFacts, frameOf, inUnit, type PairImage } from './pair-frame.ts';
import { type SkyPlane, skyPlane } from './patch.ts';
import type { PsfModel } from './psf.ts';
import { ImageRefused } from './refusal.ts';
import { relativeScale } from './relative-scale.ts';
import { scalePlane, type TemplateImage } from './sky-images.ts';
import type { VarianceSource } from './sky-noise.ts';
import { matchTemplate } from './star-field.ts';
import { robustSigma } from './statistics.ts';
import { startStopwatch } from './stopwatch.ts';
import { surveyStars } from './survey-stars.ts';
import { typicalVariance } from './typical-variance.ts';
import type { Workspace } from './workspace.ts';

export type { FrameFacts } from './pair-frame.ts';

/** One of the two files' images with its header. */
export interface PairHdu {
  readonly header: Header;
  readonly image?: PairImage;
}

export interface PairOptions {
  readonly science: FrameFacts;
  readonly template: FrameFacts;
  /** AB magnitude of one count of the science image: fluxes are in nJy then, else in counts. */
  readonly zeroPoint?: number;
  readonly threshold?: number;
}

export interface PairResult {
  readonly difference: Difference;
  readonly science: SkyPlane;
  readonly sources: readonly SourceWithoutStamps[];
  /** Absent when the images carry none; sources have no ra and dec then. */
  readonly wcs?: Wcs;
  readonly unit: 'nJy' | 'count';
  readonly sourceVariance: number;
  readonly psf: PsfModel;
  readonly match: Match;
  readonly templateFwhm: number;
  /** Whether the template had to be resampled to the science image's pixels. */
  readonly warped: boolean;
  /** Factor between the template's counts and the science image's. */
  readonly templateScale: number;
  readonly varianceFrom: { readonly science: VarianceSource; readonly template: VarianceSource };
  /** Median of the sky's standard deviation in each image, its own counts. */
  readonly skySigma: { readonly science: number; readonly template: number };
  /** Robust sigma of the difference where nothing is, and what the variances of both skies say. */
  readonly emptySigma: { readonly measured: number; readonly expected: number };
  /** Milliseconds by stage, by the caller's clock. */
  readonly timingMs: Readonly<Record<string, number>>;
}

/** Facts of a frame from its header: GAIN, RDNOISE, SATURATE, AVSKY. */
export function factsOf(header: Header): FrameFacts {
  return {
    gain: numberOf(header, 'GAIN'),
    readNoise: numberOf(header, 'RDNOISE'),
    saturation: numberOf(header, 'SATURATE'),
    sky: numberOf(header, 'AVSKY'),
  };
}

/**
 * The difference of two plain images: on one pixel grid when they have the same size and no or equal coordinates, else
 * the template is warped by the world coordinates of both. The template is brought to the science image's counts.
 *
 * @param workspace holds the planes, those of the result too: they are valid until it is used again
 * @param clock milliseconds from any origin, for timingMs
 * @param onStage is told each stage's name as it begins
 * @throws ImageRefused when the images cannot be brought together, or have too few stars
 */
export function differencePair(
  workspace: Workspace,
  scienceHdu: PairHdu,
  templateHdu: PairHdu,
  options: PairOptions,
  clock: () => number = () => 0,
  onStage?: (name: string) => void,
): PairResult {
  workspace.clear();
  const { stage, timingMs } = startStopwatch(clock, onStage);
  const science = stage('background', () =>
    frameOf(workspace, imageOf(scienceHdu, 'science'), options.science),
  );
  const own = stage('background', () =>
    frameOf(workspace, imageOf(templateHdu, 'template'), options.template),
  );
  const wcs = coordinatesOf(scienceHdu.header);
  const { image: template, warped } = stage('template', () =>
    alignTemplate(workspace, own.image, coordinatesOf(templateHdu.header), science.image, wcs),
  );
  const field = stage('psf', () => surveyStars(workspace, science.image));
  const templateScale = relativeScale(science.image, template, field.stars, field.psf.fwhm);
  const unit = options.zeroPoint === undefined ? 1 : 10 ** (0.4 * (31.4 - options.zeroPoint));
  scaleTemplate(workspace, template, templateScale * unit);
  const image = inUnit(workspace, science, unit);
  const { match, templateFwhm } = stage('kernel', () => matchTemplate(workspace, image, template, field));
  const sourceVariance = unit / science.gain;
  const difference = stage('difference', () =>
    subtractTemplate(workspace, image, template, match, field.psf, sourceVariance, field.stars),
  );
  const scene = {
    difference,
    science: image,
    psf: field.psf,
    wcs: wcs ?? pixelPlane,
    sourceVariance,
  };
  return {
    difference,
    science: image,
    sources: stage('measure', () => measureAll(scene, options.threshold ?? 5)),
    wcs,
    unit: options.zeroPoint === undefined ? 'count' : 'nJy',
    sourceVariance,
    psf: field.psf,
    match,
    templateFwhm,
    warped,
    templateScale,
    varianceFrom: { science: science.varianceFrom, template: own.varianceFrom },
    skySigma: { science: science.skySigma, template: own.skySigma },
    emptySigma: {
      measured: emptySigma(difference),
      expected: Math.hypot(science.skySigma, own.skySigma * templateScale) * unit,
    },
    timingMs,
  };
}

/** Coordinates for images without any: one pixel is one arcsecond at (0, 0). */
const pixelPlane: Wcs = { crvalDeg: [0, 0], crpix: [0, 0], cd: [1 / 3600, 0, 0, 1 / 3600] };

function imageOf({ image }: PairHdu, name: string): PairImage {
  if (image === undefined) throw new ImageRefused(`the ${name} file holds no image`);
  return image;
}

function coordinatesOf(header: Header): Wcs | undefined {
  return textOf(header, 'CTYPE1') === undefined ? undefined : wcsFromHeader(header);
}

function scaleTemplate(
  workspace: Workspace,
  { image, width, variance }: TemplateImage,
  factor: number,
): void {
  scalePlane(workspace, image, width, factor);
  for (let at = 0; at < variance.length; at++) variance[at] *= factor * factor;
}

/** Pixels that tell the noise of a difference: so many that it is known to 0.2 %. */
const NOISE_PIXELS = 200_000;

/** Robust sigma of the difference away from sources of either image, masked pixels and the border. */
function emptySigma({ image, matched }: Difference): number {
  const { width, height, mask } = image;
  const limit = 3 * Math.sqrt(typicalVariance(skyPlane(image)));
  const unusable = UNMEASURED | MASK.SUSPECT | MASK.CR | MASK.DETECTED | MASK.DETECTED_NEGATIVE;
  const isEmpty = (x: number, y: number): boolean => {
    for (let j = y - 2; j <= y + 2; j++)
      for (let at = j * width + x - 2; at <= j * width + x + 2; at++)
        if ((mask[at] & unusable) !== 0 || matched.image[at] > limit) return false;
    return true;
  };
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / NOISE_PIXELS)));
  const values: number[] = [];
  for (let y = 2; y < height - 2; y += step)
    for (let x = 2; x < width - 2; x += step) if (isEmpty(x, y)) values.push(image.image[y * width + x]);
  return robustSigma(values);
}
