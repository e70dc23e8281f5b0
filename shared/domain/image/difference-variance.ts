import { type BrightStar, matchError, registrationScatter, type Subtracted } from './match-error.ts';
import type { ScienceImage, TemplateImage } from './sky-images.ts';
import type { Workspace } from './workspace.ts';

/**
 * Between a star's core and the end of its kernel (5 to 12 px) the match's error is a larger part of a fainter flux. Of
 * the star smeared over 1.25 FWHM this is the part that counts as error, in units of the match's error (2.5 % at best).
 * 43 simulated detectors had 87 false detections without it, 17 with 1.5 and 9 with 3; at S/N 200 it adds 4 % to the
 * noise 10 px away.
 */
const WING_ERROR = 3;

/**
 * Variance of a difference at every pixel, in a plane of the workspace: the sky of both images and the photons of the
 * sources, by the matched template, since science pixels would bias it.
 *
 * @param matched the template as it was subtracted
 */
export function photonVariance(
  workspace: Workspace,
  science: ScienceImage,
  template: TemplateImage,
  matched: Float32Array,
  sourceVariance: number,
): Float32Array {
  const { width, height } = science;
  const variance = workspace.floats(width * height);
  science.fillVariance(workspace, variance);
  workspace.strips('photonRows', height, [
    variance.byteOffset,
    template.variance.byteOffset,
    matched.byteOffset,
    width,
    sourceVariance,
  ]);
  return variance;
}

/**
 * Adds what the match itself gets wrong, measured on the bright stars: a part of the flux, and the slopes times the
 * scatter of the registration (Zackay, Ofek & Gal-Yam 2016, eq. 28).
 *
 * @param planes the difference so far
 * @param smeared the matched template smeared over 1.25 FWHM, on pixels of twice the size
 */
export function addMatchError(
  workspace: Workspace,
  planes: Subtracted,
  smeared: Float32Array,
  stars: readonly BrightStar[],
  fwhm: number,
): void {
  const { width, height, matched, variance } = planes;
  const error2 = matchError(planes, stars, fwhm) ** 2;
  const scatter2 = registrationScatter(planes, stars, fwhm) ** 2;
  workspace.strips('matchErrorRows', height, [
    variance.byteOffset,
    matched.byteOffset,
    smeared.byteOffset,
    width,
    height,
    error2,
    WING_ERROR ** 2,
    scatter2,
  ]);
}
