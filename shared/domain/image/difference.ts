import { measureBackground } from './background-mesh.ts';
import { convolveVarying, type Kernel } from './convolve.ts';
import { markCosmicRays } from './cosmic-rays.ts';
import { DECORRELATION_HALF } from './decorrelate.ts';
import { addMatchError, photonVariance } from './difference-variance.ts';
import { growMask, markDetected } from './grow-mask.ts';
import { markHalos } from './halo.ts';
import { interpolateMasked } from './interpolate.ts';
import { kernelBackground, kernelEvaluator } from './kernel-fit.ts';
import { BUSY, MASK, type MaskedImage, maskBorder, UNMEASURED } from './masked-image.ts';
import type { BrightStar } from './match-error.ts';
import type { Match } from './match-kernels.ts';
import { backgroundSpline, subtractSpline } from './mesh-spline.ts';
import { type SkyPlane, skyPlane } from './patch.ts';
import { type PsfModel, psfAt, stampFwhm } from './psf.ts';
import { LEAST_SCALE, scoreImage } from './score.ts';
import type { ScienceImage, TemplateImage } from './sky-images.ts';
import { typicalVariance } from './typical-variance.ts';
import { whiteningMap } from './whitening-map.ts';
import { smearStars, subtractWings } from './wings.ts';
import type { Workspace } from './workspace.ts';

/** Difference of an image and its template, whitened, with what measuring it needs. All in the science image's unit. */
export interface Difference {
  /**
   * Whitened; on the border (EDGE, where a filter would reach over it) as subtracted, its noise not yet white. Saturated
   * cores, their halos (SAT, SUSPECT) and defects were set to 0 before whitening, so that what shows there is next to 0.
   */
  readonly image: MaskedImage;
  /** The template as it was subtracted, seeing and scale of the science image where it was the one convolved. */
  readonly matched: SkyPlane;
  /** Signal-to-noise of a point source centred on each pixel. */
  readonly score: Float32Array;
  /** PSF of the whitened difference at a position; the same object for all of a cell. */
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

/**
 * Subtracts the matched template, takes out what background is left, marks cosmic rays, whitens the noise and makes
 * the score image. Five planes of the workspace are in use at most: those of the result and one.
 *
 * @param science background-subtracted, unusable pixels interpolated; its mask becomes the difference's
 * @param template the same on the same pixels; its planes are used up
 * @param stars of the science image, whose scatter between the two images is that of the registration
 * @param sourceVariance variance of a pixel for each unit of source flux (photon noise): unit² / unit
 */
export function subtractTemplate(
  workspace: Workspace,
  science: ScienceImage,
  template: TemplateImage,
  match: Match,
  psf: PsfModel,
  sourceVariance: number,
  stars: readonly BrightStar[],
): Difference {
  const { width, height, mask } = science;
  const whiteningAt = whiteningMap(workspace, science, template, match, psf);
  const skySigma = Math.sqrt(typicalVariance(science));
  combineMasks(workspace, mask, template.mask, width, height);
  // Memory goes back before more is taken: planes that stay shall not lie around one that does not.
  workspace.release(template.mask);
  const { image, matched } = subtract(workspace, science, template, match);
  // Before the wings are fitted: what an interpolated core takes from the matched template is none of theirs.
  markHalos(workspace, mask, matched, science.image, width, height, skySigma);
  const variance = photonVariance(workspace, science, template, matched, sourceVariance);
  const smears = smearStars(workspace, matched, width, height, psf.fwhm);
  const planes = { width, height, image, matched, variance };
  addMatchError(workspace, planes, smears[0], stars, psf.fwhm);
  subtractWings(workspace, { image, matched, variance, mask }, smears, width, height);
  workspace.release(...smears);
  const raw: MaskedImage = { width, height, image, variance, mask };
  removeBackground(workspace, raw);
  const centre = psfAt(psf, width / 2, height / 2);
  const cosmicRays = markCosmicRays(
    workspace,
    skyPlane(raw),
    centre,
    (at) => matched[at] < BRIGHT * skySigma,
  );
  interpolateMasked(workspace, raw, MASK.CR);
  const restoreBorder = keepBorder(raw);
  const difference = { ...raw, image: whiten(workspace, raw, (x, y) => whiteningAt(x, y).kernel) };
  const { score, sigma } = scoreImage(workspace, difference, (x, y) => whiteningAt(x, y).psf, psf);
  restoreBorder(difference.image);
  workspace.strips('scaleRows', height, [variance.byteOffset, width, Math.max(sigma, LEAST_SCALE) ** 2]);
  return {
    image: difference,
    matched: { ...template, image: matched, mask },
    score,
    psfAt: (x, y) => whiteningAt(x, y).psf,
    matchedPsfAt:
      match.direction === 'template' ? (x, y) => psfAt(psf, x, y) : (x, y) => whiteningAt(x, y).unwhitened,
    fwhm: stampFwhm(whiteningAt(width / 2, height / 2).psf),
    scoreSigma: sigma,
    cosmicRayPixels: cosmicRays.length,
  };
}

/** Science less matched template, in the science image's scale whichever was convolved. */
function subtract(
  workspace: Workspace,
  science: ScienceImage,
  template: TemplateImage,
  { direction, kernel }: Match,
): { image: Float32Array; matched: Float32Array } {
  const { width, height } = science;
  const evaluate = kernelEvaluator(kernel);
  const convolved = workspace.floats(width * height);
  const { half } = kernel.basis;
  const { constant, perX, perY } = kernelBackground(kernel);
  const minus = (a: Float32Array, b: Float32Array, out: Float32Array, factor: number, sign: 1 | -1): void =>
    workspace.strips('subtractRows', height, [
      a.byteOffset,
      b.byteOffset,
      out.byteOffset,
      width,
      factor,
      sign * factor * constant,
      sign * factor * perX,
      sign * factor * perY,
    ]);
  if (direction === 'template') {
    convolveVarying(workspace, template.image, convolved, width, height, half, evaluate);
    minus(science.image, convolved, template.image, 1, 1);
    return { image: template.image, matched: convolved };
  }
  // The science image was brought to the template's scale: back to its own, and science minus template.
  const factor = 1 / kernel.sum;
  convolveVarying(workspace, science.image, convolved, width, height, half, evaluate);
  minus(convolved, template.image, convolved, factor, -1);
  workspace.strips('scaleRows', height, [template.image.byteOffset, width, factor]);
  return { image: convolved, matched: template.image };
}

/** Puts the template's bits into the image's mask, and EDGE where a kernel reached over what either does not show. */
function combineMasks(
  workspace: Workspace,
  mask: Uint16Array,
  template: Uint16Array,
  width: number,
  height: number,
): void {
  workspace.strips('combineMaskRows', height, [mask.byteOffset, template.byteOffset, width]);
  growMask(workspace, mask, width, height, MASK.EDGE, BORDER - 2);
  maskBorder(mask, width, height, MASK.EDGE, BORDER);
}

/** Background of the difference on 128 px cells with what exceeds 3 sigma (smoothed) left out. */
function removeBackground(workspace: Workspace, { width, height, image, variance, mask }: MaskedImage): void {
  markDetected(workspace, image, variance, mask, width, height, BUSY);
  growMask(workspace, mask, width, height, BUSY, 2);
  const background = measureBackground(workspace, image, mask, width, height, BUSY | UNMEASURED);
  workspace.strips('clearMaskRows', height, [mask.byteOffset, width, BUSY]);
  subtractSpline(workspace, image, backgroundSpline(background, 'level'));
}

/** The difference with white noise, in another plane; the old one is given back. */
function whiten(
  workspace: Workspace,
  difference: MaskedImage,
  kernelAt: (x: number, y: number) => Kernel,
): Float32Array {
  const { width, height, image, mask } = difference;
  // What a saturated core, a defect or a star beyond the border leaves must not be spread by the filters to come.
  const untold = UNMEASURED | MASK.SUSPECT;
  workspace.strips('blankRows', height, [image.byteOffset, mask.byteOffset, width, untold]);
  const white = workspace.floats(width * height);
  convolveVarying(workspace, image, white, width, height, DECORRELATION_HALF, kernelAt);
  workspace.release(image);
  removeBackground(workspace, { ...difference, image: white });
  return white;
}

/** Keeps what was subtracted on the border: worth looking at, though it is not whitened and nothing is detected there. */
function keepBorder({ width, height, image }: MaskedImage): (image: Float32Array) => void {
  const onBorder = (visit: (from: number, to: number) => void): void => {
    for (let y = 0, row = 0; y < height; y++, row += width) {
      if (y < BORDER || y >= height - BORDER) visit(row, row + width);
      else {
        visit(row, row + BORDER);
        visit(row + width - BORDER, row + width);
      }
    }
  };
  const kept = new Float32Array(2 * BORDER * (width + height));
  let count = 0;
  onBorder((from, to) => {
    kept.set(image.subarray(from, to), count);
    count += to - from;
  });
  return (target) => {
    count = 0;
    onBorder((from, to) => {
      target.set(kept.subarray(count, count + to - from), from);
      count += to - from;
    });
  };
}
