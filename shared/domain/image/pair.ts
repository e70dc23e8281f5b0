import { type Header, numberOf, textOf } from '../fits/header.ts';
import type { Hdu, Image } from '../fits/read.ts';
import { pixelToSky, skyToPixel, type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import { apertureFlux } from './aperture.ts';
import { measureBackground, subtractBackground, typicalBackground } from './background.ts';
import { type Difference, subtractTemplate } from './difference.ts';
import { interpolateMasked } from './interpolate.ts';
import { blankImage, growMask, MASK, type MaskedImage, scaleImage, UNUSABLE } from './masked-image.ts';
import type { Match } from './match-kernels.ts';
import type { SourceWithoutStamps } from './measure.ts';
import { measureAll } from './measure-all.ts';
import type { PsfModel } from './psf.ts';
import { ImageRefused } from './refusal.ts';
import { skyVariance, type VarianceSource } from './sky-variance.ts';
import { matchTemplate, surveyStars } from './star-field.ts';
import { median, robustSigma } from './statistics.ts';
import { startStopwatch } from './stopwatch.ts';
import { coverage, warpInto } from './warp.ts';
import type { Workspace } from './workspace.ts';

/** What is known of one of the two images; what is absent is measured. */
export interface FrameFacts {
  /** Electrons per count. */
  readonly gain?: number;
  /** Electrons. */
  readonly readNoise?: number;
  /** Counts, sky included. */
  readonly saturation?: number;
  /** Sky level in counts that has been subtracted, or is still in the image. */
  readonly sky?: number;
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
  readonly science: MaskedImage;
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
  scienceHdu: Hdu,
  templateHdu: Hdu,
  options: PairOptions,
  clock: () => number = () => 0,
  onStage?: (name: string) => void,
): PairResult {
  workspace.clear();
  const { stage, timingMs } = startStopwatch(clock, onStage);
  const science = stage('background', () => frameOf(imageOf(scienceHdu, 'science'), options.science));
  const own = stage('background', () => frameOf(imageOf(templateHdu, 'template'), options.template));
  const wcs = coordinatesOf(scienceHdu.header);
  const { image: template, warped } = stage('template', () =>
    align(own.image, coordinatesOf(templateHdu.header), science.image, wcs),
  );
  const field = stage('psf', () => surveyStars(science.image));
  const templateScale = relativeScale(science.image, template, field.stars);
  scaleImage(template, templateScale);
  const unit = options.zeroPoint === undefined ? 1 : 10 ** (0.4 * (31.4 - options.zeroPoint));
  scaleImage(science.image, unit);
  scaleImage(template, unit);
  const { match, templateFwhm } = stage('kernel', () => matchTemplate(science.image, template, field));
  const sourceVariance = unit / science.gain;
  const difference = stage('difference', () =>
    subtractTemplate(science.image, template, match, field.psf, sourceVariance, field.stars),
  );
  const scene = {
    difference,
    science: science.image,
    psf: field.psf,
    wcs: wcs ?? pixelPlane,
    sourceVariance,
  };
  return {
    difference,
    science: science.image,
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

function imageOf({ image }: Hdu, name: string): Image {
  if (image === undefined) throw new ImageRefused(`the ${name} file holds no image`);
  return image;
}

function coordinatesOf(header: Header): Wcs | undefined {
  return textOf(header, 'CTYPE1') === undefined ? undefined : wcsFromHeader(header);
}

interface Frame {
  readonly image: MaskedImage;
  readonly gain: number;
  readonly varianceFrom: VarianceSource;
  readonly skySigma: number;
}

/** Counts without sky, the variance that of the sky, saturated and missing pixels masked and interpolated. */
function frameOf(
  { width, height, pixels }: Image,
  { gain = 1, readNoise = 0, saturation, sky }: FrameFacts,
): Frame {
  const image = blankImage(width, height);
  for (let i = 0; i < pixels.length; i++) {
    if (Number.isFinite(pixels[i])) image.image[i] = pixels[i];
    else image.mask[i] = MASK.NO_DATA;
  }
  const background = measureBackground(image.image, image.mask, width, height, UNUSABLE);
  const { level } = typicalBackground(background);
  // A frame whose level is below half of its sky has had the sky subtracted.
  const subtracted = sky !== undefined && level < 0.5 * sky ? sky : 0;
  if (saturation !== undefined) {
    for (let i = 0; i < pixels.length; i++)
      if (pixels[i] + subtracted >= saturation) image.mask[i] |= MASK.SAT;
    growMask(image.mask, width, height, MASK.SAT, 2);
  }
  interpolateMasked(image, UNUSABLE);
  const electrons = {
    ...background,
    level: background.level.map((value) => (sky === undefined ? Number.NaN : (value + subtracted) * gain)),
    rms: background.rms.map((value) => value * gain),
  };
  const { variance, source } = skyVariance(electrons, readNoise);
  for (let i = 0; i < variance.length; i++) image.variance[i] = variance[i] / (gain * gain);
  subtractBackground(image.image, background);
  return { image, gain, varianceFrom: source, skySigma: Math.sqrt(median(image.variance)) };
}

/** Pixels of the template on the science image's grid: as they are, or warped. */
function align(
  template: MaskedImage,
  templateWcs: Wcs | undefined,
  science: MaskedImage,
  wcs: Wcs | undefined,
): { image: MaskedImage; warped: boolean } {
  const sameSize = template.width === science.width && template.height === science.height;
  if (wcs === undefined || templateWcs === undefined) {
    if (sameSize) return { image: template, warped: false };
    throw new ImageRefused(
      `the images have ${science.width}x${science.height} and ${template.width}x${template.height} pixels, and not both have world coordinates to align them by`,
    );
  }
  if (sameSize && areAligned(wcs, templateWcs, science)) return { image: template, warped: false };
  const image = blankImage(science.width, science.height);
  image.mask.fill(MASK.NO_DATA);
  warpInto(image, wcs, { image: template, wcs: templateWcs });
  // Counts a pixel are compared by stars below, so the area that warping put in does not matter.
  if (coverage(image) < 0.1)
    throw new ImageRefused(
      'the template covers less than 10 % of the science image by their world coordinates',
    );
  return { image, warped: true };
}

/** The same sky within 0.02 px in the corners. */
function areAligned(a: Wcs, b: Wcs, { width, height }: MaskedImage): boolean {
  return [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ].every(([x, y]) => {
    const { raDeg, decDeg } = pixelToSky(a, x, y);
    const at = skyToPixel(b, raDeg, decDeg);
    return at !== undefined && Math.hypot(at.x - x, at.y - y) < 0.02;
  });
}

/** Science counts for one template count: the median of the stars' aperture fluxes. */
function relativeScale(
  science: MaskedImage,
  template: MaskedImage,
  stars: readonly { x: number; y: number }[],
): number {
  const ratios = stars.slice(0, 50).flatMap(({ x, y }) => {
    const a = apertureFlux(science, x, y, 8);
    const b = apertureFlux(template, x, y, 8);
    return a.truncated || !(b.flux > 5 * b.fluxErr) ? [] : [a.flux / b.flux];
  });
  const scale = median(ratios);
  if (!(scale > 0)) throw new ImageRefused('no star of the science image is on the template');
  return scale;
}

/** Robust sigma of the difference away from sources of either image, masked pixels and the border. */
function emptySigma({ image, matched }: Difference): number {
  const { width, height, mask, variance } = image;
  const busy = new Uint16Array(mask.length);
  const sky = median(variance);
  const unusable = UNUSABLE | MASK.EDGE | MASK.SUSPECT | MASK.CR | MASK.DETECTED | MASK.DETECTED_NEGATIVE;
  for (let i = 0; i < mask.length; i++) {
    if ((mask[i] & unusable) !== 0 || matched.image[i] > 3 * Math.sqrt(sky)) busy[i] = 1;
  }
  growMask(busy, width, height, 1, 2);
  return robustSigma(image.image.filter((_, i) => busy[i] === 0));
}
