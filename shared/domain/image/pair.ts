import { type Header, numberOf, textOf } from '../fits/header.ts';
import type { ImageRows } from '../fits/open.ts';
import type { Image } from '../fits/read.ts';
import { pixelToSky, skyToPixel, type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import { measureBackground, typicalBackground } from './background-mesh.ts';
import { type Difference, subtractTemplate, typicalVariance } from './difference.ts';
import { growMask } from './grow-mask.ts';
import { interpolateMasked } from './interpolate.ts';
import { MASK, UNMEASURED, UNUSABLE } from './masked-image.ts';
import type { Match } from './match-kernels.ts';
import type { SourceWithoutStamps } from './measure.ts';
import { measureAll } from './measure-all.ts';
import { backgroundSpline, subtractSpline } from './mesh-spline.ts';
import { type SkyPlane, skyPlane } from './patch.ts';
import type { PsfModel } from './psf.ts';
import { ImageRefused } from './refusal.ts';
import { relativeScale } from './relative-scale.ts';
import { type ScienceImage, scalePlane, scienceImage, type TemplateImage } from './sky-images.ts';
import type { VarianceSource } from './sky-noise.ts';
import { type SkyNoise, skyNoise } from './sky-noise.ts';
import { matchTemplate } from './star-field.ts';
import { robustSigma } from './statistics.ts';
import { startStopwatch } from './stopwatch.ts';
import { surveyStars } from './survey-stars.ts';
import { blankTemplate, coverage, type TileRows, warpTile } from './warp-tile.ts';
import type { Workspace } from './workspace.ts';

/** An image as it was read, or as it can be read by rows. */
type PairImage = Image | ImageRows;

/** One of the two files' images with its header. */
export interface PairHdu {
  readonly header: Header;
  readonly image?: PairImage;
}

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
    align(workspace, own.image, coordinatesOf(templateHdu.header), science.image, wcs),
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

interface Frame {
  readonly image: ScienceImage;
  /** Electrons². */
  readonly noise: SkyNoise;
  readonly gain: number;
  readonly varianceFrom: VarianceSource;
  readonly skySigma: number;
}

/** Counts without sky, the variance that of the sky, saturated and missing pixels masked and interpolated. */
function frameOf(
  workspace: Workspace,
  source: PairImage,
  { gain = 1, readNoise = 0, saturation, sky }: FrameFacts,
): Frame {
  const { width, height } = source;
  const image = workspace.floats(width * height);
  const mask = workspace.words(width * height).fill(0);
  if ('read' in source) source.read(0, height, image);
  else image.set(source.pixels);
  const screen = (limit: number): void =>
    workspace.strips('screenRows', height, [
      ...[image.byteOffset, mask.byteOffset, width, MASK.NO_DATA, limit, MASK.SAT],
    ]);
  screen(Number.POSITIVE_INFINITY);
  const background = measureBackground(workspace, image, mask, width, height, UNUSABLE);
  const { level } = typicalBackground(background);
  // A frame whose level is below half of its sky has had the sky subtracted.
  const subtracted = sky !== undefined && level < 0.5 * sky ? sky : 0;
  if (saturation !== undefined) {
    screen(saturation - subtracted);
    growMask(workspace, mask, width, height, MASK.SAT, 2);
  }
  interpolateMasked(workspace, { width, height, image, mask }, UNUSABLE);
  subtractSpline(workspace, image, backgroundSpline(background, 'level'));
  const electrons = {
    ...background,
    level: background.level.map((value) => (sky === undefined ? Number.NaN : (value + subtracted) * gain)),
    rms: background.rms.map((value) => value * gain),
  };
  const noise = skyNoise(electrons, readNoise);
  // The noise is that of electrons, the image has counts.
  const plane = scienceImage({ width, height, image, mask }, noise, 1 / gain);
  return {
    image: plane,
    noise,
    gain,
    varianceFrom: noise.source,
    skySigma: Math.sqrt(typicalVariance(plane)),
  };
}

/** Pixels of the template on the science image's grid: as they are, or warped. Its own planes are used up. */
function align(
  workspace: Workspace,
  template: ScienceImage,
  templateWcs: Wcs | undefined,
  science: SkyPlane,
  wcs: Wcs | undefined,
): { image: TemplateImage; warped: boolean } {
  const sameSize = template.width === science.width && template.height === science.height;
  if (wcs === undefined || templateWcs === undefined) {
    if (sameSize) return { image: asTemplate(workspace, template), warped: false };
    throw new ImageRefused(
      `the images have ${science.width}x${science.height} and ${template.width}x${template.height} pixels, and not both have world coordinates to align them by`,
    );
  }
  if (sameSize && areAligned(wcs, templateWcs, science))
    return { image: asTemplate(workspace, template), warped: false };
  const image = blankTemplate(workspace, science.width, science.height);
  const variance = workspace.floats(template.image.length);
  template.fillVariance(workspace, variance);
  warpTile(workspace, image, wcs, {
    width: template.width,
    height: template.height,
    wcs: templateWcs,
    image: rowsOf(template.image, template.width),
    variance: rowsOf(variance, template.width),
    mask: rowsOf(template.mask, template.width),
  });
  workspace.release(variance, template.image, template.mask);
  // Counts a pixel are compared by stars below, so the area that warping put in does not matter.
  if (coverage(image.mask) < 0.1)
    throw new ImageRefused(
      'the template covers less than 10 % of the science image by their world coordinates',
    );
  return { image, warped: true };
}

function rowsOf(plane: Float32Array | Uint16Array, width: number): TileRows {
  return { read: (y0, y1, out) => out.set(plane.subarray(y0 * width, y1 * width)) };
}

/** A template that needs no warping, its variance at half the resolution. */
function asTemplate(
  workspace: Workspace,
  { width, height, image, mask, varianceAt }: ScienceImage,
): TemplateImage {
  const columns = (width + 1) >> 1;
  const variance = workspace.floats(columns * ((height + 1) >> 1));
  for (let at = 0; at < variance.length; at++)
    variance[at] = varianceAt(2 * (at % columns), 2 * Math.floor(at / columns));
  return {
    width,
    height,
    image,
    mask,
    variance,
    varianceAt: (x, y) => variance[(y >> 1) * columns + (x >> 1)],
  };
}

/** The same sky within 0.02 px in the corners. */
function areAligned(a: Wcs, b: Wcs, { width, height }: SkyPlane): boolean {
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

/** The science image in the unit of the result. */
function inUnit(workspace: Workspace, { image, noise, gain }: Frame, unit: number): ScienceImage {
  if (unit === 1) return image;
  scalePlane(workspace, image.image, image.width, unit);
  return scienceImage(image, noise, unit / gain);
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
