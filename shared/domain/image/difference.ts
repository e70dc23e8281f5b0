import { evaluateMesh, measureBackground, subtractBackground } from './background.ts';
import { type Kernel, smoothGaussian } from './convolve.ts';
import { convolveVarying } from './convolve-plain.ts';
import { markCosmicRays } from './cosmic-rays.ts';
import { convolvedPsf, DECORRELATION_HALF, type Whitening, whitening } from './decorrelate.ts';
import { differenceVariance } from './difference-variance.ts';
import { markHalos } from './halo.ts';
import { interpolateMasked } from './interpolate.ts';
import { kernelEvaluator, subtractKernelBackground } from './kernel-fit.ts';
import { growMask, MASK, type MaskedImage, maskBorder, UNUSABLE } from './masked-image.ts';
import type { Match } from './match-kernels.ts';
import { type PsfModel, psfAt, stampFwhm } from './psf.ts';
import { medianInPlace, sample } from './statistics.ts';
import { smearStars, subtractWings } from './wings.ts';

/** Difference of an image and its template, whitened, with what measuring it needs. All in the science image's unit. */
export interface Difference {
  /**
   * Whitened; on the border (EDGE, where a filter would reach over it) as subtracted, its noise not yet white. Saturated
   * cores, their halos (SAT, SUSPECT) and defects were set to 0 before whitening, so that what shows there is next to 0.
   */
  readonly image: MaskedImage;
  /** The template as it was subtracted, seeing and scale of the science image where it was the one convolved. */
  readonly matched: MaskedImage;
  /** Signal-to-noise of a point source centred on each pixel. */
  readonly score: Float32Array;
  /** PSF of the whitened difference at a position. */
  readonly psfAt: (x: number, y: number) => Kernel;
  /** PSF of the matched template at a position. */
  readonly matchedPsfAt: (x: number, y: number) => Kernel;
  /** Of the whitened difference at the centre, pixels. */
  readonly fwhm: number;
  /** Robust sigma of the score before it was divided out: 1 when the variance was honest. */
  readonly scoreSigma: number;
  readonly cosmicRayPixels: number;
}

/** Border where the kernel (10 px) or the warp (2 px) reached over the edge. */
const BORDER = 12;

/** In a star brighter than this (sigma of the sky in a pixel) a sharp residual is no sign of a cosmic ray. */
const BRIGHT = 20;

/** Noise below this part of its variance is shared by both images, not overestimated: an image against its copy. */
const LEAST_SCALE = 0.7;

/** Cells of one whitening kernel. */
const CELL = 256;

/**
 * Subtracts the matched template, takes out what background is left, marks cosmic rays, whitens the noise and makes
 * the score image.
 *
 * @param science background-subtracted, unusable pixels interpolated; its variance is that of the sky alone
 * @param template the same on the same pixels
 * @param stars of the science image, whose scatter between the two images is that of the registration
 * @param sourceVariance variance of a pixel for each unit of source flux (photon noise): unit² / unit
 */
export function subtractTemplate(
  science: MaskedImage,
  template: MaskedImage,
  match: Match,
  psf: PsfModel,
  sourceVariance: number,
  stars: readonly { x: number; y: number; snr: number }[],
): Difference {
  const { width, height } = science;
  const { image, matched, target } = subtract(science, template, match);
  const mask = combineMasks(science.mask, template.mask, width, height);
  const smears = smearStars(matched, width, height, psf.fwhm);
  const planes = { image, matched, target, smeared: smears[0] };
  const variance = differenceVariance(science, template, planes, sourceVariance, stars, psf.fwhm);
  const unseen = UNUSABLE | MASK.EDGE | MASK.SAT_TEMPLATE;
  subtractWings(image, matched, variance, smears, (at) => (mask[at] & unseen) === 0);
  const difference: MaskedImage = { width, height, image, variance, mask };
  removeBackground(difference);
  const centre = psfAt(psf, width / 2, height / 2);
  const cosmicRayPixels = markCosmicRays(
    image,
    variance,
    mask,
    width,
    height,
    centre,
    faintPixels(matched, science),
  );
  interpolateMasked(difference, MASK.CR);
  markHalos(mask, smoothGaussian(matched, width, height, 1.5), science, template);
  // What a saturated core, a defect or a star beyond the border leaves must not be spread by the filters to come.
  const plain = Float32Array.from(image);
  const untold = UNUSABLE | MASK.SUSPECT | MASK.EDGE;
  for (let i = 0; i < image.length; i++) if ((mask[i] & untold) !== 0) image[i] = 0;
  const whiteningAt = whiteningMap(science, template, match, psf);
  const white = convolveVarying(image, width, height, DECORRELATION_HALF, (x, y) => whiteningAt(x, y).kernel);
  image.set(white);
  removeBackground(difference);
  const { score, sigma } = scoreImage(difference, (x, y) => whiteningAt(x, y).psf, psf);
  // The border is worth looking at, though nothing is detected there.
  for (let i = 0; i < image.length; i++) if ((mask[i] & MASK.EDGE) !== 0) image[i] = plain[i];
  const scale = Math.max(sigma, LEAST_SCALE) ** 2;
  for (let i = 0; i < variance.length; i++) variance[i] *= scale;
  const matchedImage = { width, height, image: matched, variance: template.variance, mask: template.mask };
  return {
    image: difference,
    matched: matchedImage,
    score,
    psfAt: (x, y) => whiteningAt(x, y).psf,
    matchedPsfAt:
      match.direction === 'template' ? (x, y) => psfAt(psf, x, y) : (x, y) => whiteningAt(x, y).unwhitened,
    fwhm: stampFwhm(whiteningAt(width / 2, height / 2).psf),
    scoreSigma: sigma,
    cosmicRayPixels,
  };
}

function subtract(
  science: MaskedImage,
  template: MaskedImage,
  { direction, kernel }: Match,
): { image: Float32Array; matched: Float32Array; target: Float32Array } {
  const { width, height } = science;
  const evaluate = kernelEvaluator(kernel);
  const [source, other] = direction === 'template' ? [template, science] : [science, template];
  const convolved = convolveVarying(source.image, width, height, kernel.basis.half, evaluate);
  const residual = new Float32Array(convolved.length);
  for (let i = 0; i < residual.length; i++) residual[i] = other.image[i] - convolved[i];
  subtractKernelBackground(residual, kernel);
  if (direction === 'template') return { image: residual, matched: convolved, target: science.image };
  // The science image was brought to the template's scale: back to its own, and science minus template.
  const factor = 1 / kernel.sum;
  return {
    image: residual.map((value) => -value * factor),
    matched: template.image.map((value) => value * factor),
    target: convolved.map((value) => value * factor),
  };
}

function faintPixels(matched: Float32Array, science: MaskedImage): (at: number) => boolean {
  const limit = BRIGHT * Math.sqrt(typicalVariance(science));
  return (at) => matched[at] < limit;
}

function combineMasks(
  science: Uint16Array,
  template: Uint16Array,
  width: number,
  height: number,
): Uint16Array {
  const mask = Uint16Array.from(science);
  const missing = new Uint16Array(mask.length);
  for (let i = 0; i < mask.length; i++) {
    if ((template[i] & MASK.NO_DATA) !== 0) {
      mask[i] |= MASK.NO_DATA;
      missing[i] = MASK.EDGE;
    }
    if ((template[i] & MASK.SAT) !== 0) mask[i] |= MASK.SAT_TEMPLATE;
    if ((template[i] & MASK.BAD) !== 0) mask[i] |= MASK.BAD;
  }
  growMask(missing, width, height, MASK.EDGE, BORDER - 2);
  maskBorder(missing, width, height, MASK.EDGE, BORDER);
  for (let i = 0; i < mask.length; i++) mask[i] |= missing[i];
  return mask;
}

/** Background of the difference on 128 px cells with what exceeds 3 sigma (smoothed) left out. */
function removeBackground({ width, height, image, variance, mask }: MaskedImage): void {
  const smooth = smoothGaussian(image, width, height, 2);
  const skip = Uint16Array.from(mask);
  // Smoothing with sigma 2 lowers white noise by 2 sqrt(pi) 2 = 7.1.
  const limit = (3 / 7.1) ** 2;
  for (let i = 0; i < smooth.length; i++) {
    if (smooth[i] * smooth[i] > limit * variance[i]) skip[i] |= MASK.DETECTED;
  }
  growMask(skip, width, height, MASK.DETECTED, 2);
  const exclude = MASK.DETECTED | MASK.SAT | MASK.BAD | MASK.NO_DATA | MASK.EDGE;
  subtractBackground(image, measureBackground(image, skip, width, height, exclude));
}

/** Whitening kernel and PSF by cell, made when first asked for. */
function whiteningMap(
  science: MaskedImage,
  template: MaskedImage,
  { direction, kernel }: Match,
  psf: PsfModel,
): (x: number, y: number) => Whitening {
  const { width, height } = science;
  const evaluate = kernelEvaluator(kernel);
  const vScience = typicalVariance(science);
  const vTemplate = typicalVariance(template);
  const made = new Map<number, Whitening>();
  return (x, y) => {
    const columns = Math.ceil(width / CELL);
    const i = Math.min(columns - 1, Math.max(0, Math.floor(x / CELL)));
    const j = Math.min(Math.ceil(height / CELL) - 1, Math.max(0, Math.floor(y / CELL)));
    const known = made.get(j * columns + i);
    if (known !== undefined) return known;
    const cx = Math.min(width - 1, (i + 0.5) * CELL);
    const cy = Math.min(height - 1, (j + 0.5) * CELL);
    const raw = evaluate(cx, cy);
    const matching = { half: raw.half, values: raw.values.map((value) => value / kernel.sum) };
    const own = psfAt(psf, cx, cy);
    const fresh =
      direction === 'template'
        ? whitening(matching, vScience, vTemplate * kernel.sum ** 2, own)
        : whitening(matching, vTemplate / kernel.sum ** 2, vScience, convolvedPsf(own, matching));
    made.set(j * columns + i, fresh);
    return fresh;
  };
}

function typicalVariance({ variance, mask }: MaskedImage): number {
  return medianInPlace(sample(variance, 13, (at) => variance[at] > 0 && (mask[at] & MASK.NO_DATA) === 0));
}

/** Correlation with the PSF over its noise, divided by its own robust sigma on 512 px cells (LSST's ScaleVariance). */
function scoreImage(
  { width, height, image, variance, mask }: MaskedImage,
  psfOf: (x: number, y: number) => Kernel,
  psf: PsfModel,
): { score: Float32Array; sigma: number } {
  const filters = new Map<Kernel, Kernel>();
  const filterAt = (x: number, y: number): Kernel => {
    const own = psfOf(x, y);
    const known = filters.get(own);
    if (known !== undefined) return known;
    let power = 0;
    for (const value of own.values) power += value * value;
    const made = { half: own.half, values: own.values.map((value) => value / Math.sqrt(power)).reverse() };
    filters.set(own, made);
    return made;
  };
  const score = convolveVarying(image, width, height, psf.half, filterAt);
  // P² of a PSF with sigma s is a Gaussian of s / sqrt(2).
  const smooth = smoothGaussian(variance, width, height, psf.fwhm / 2.355 / Math.SQRT2);
  for (let i = 0; i < score.length; i++) score[i] = smooth[i] > 0 ? score[i] / Math.sqrt(smooth[i]) : 0;
  const exclude = MASK.SAT | MASK.BAD | MASK.NO_DATA | MASK.EDGE | MASK.SUSPECT;
  const mesh = measureBackground(score, mask, width, height, exclude, 512);
  const sigmas = evaluateMesh(mesh, mesh.rms);
  for (let i = 0; i < score.length; i++) score[i] /= Math.max(sigmas[i], LEAST_SCALE);
  return { score, sigma: medianInPlace(Float64Array.from(mesh.rms)) };
}
