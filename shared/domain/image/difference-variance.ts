import type { MaskedImage } from './masked-image.ts';
import { type BrightStar, matchError, registrationScatter } from './match-error.ts';

/**
 * Between a star's core and the end of its kernel (5 to 12 px) the match's error is a larger part of a fainter flux. Of
 * the star smeared over 1.25 FWHM this is the part that counts as error, in units of the match's error (2.5 % at best).
 * 43 simulated detectors had 87 false detections without it, 17 with 1.5 and 9 with 3; at S/N 200 it adds 4 % to the
 * noise 10 px away.
 */
const WING_ERROR = 3;

/**
 * Variance of a difference at every pixel: the sky of both images, the photons of the sources (by the matched template:
 * science pixels would bias it), and what the match itself gets wrong, measured on the bright stars: a part of the flux,
 * and the slopes times the scatter of the registration (Zackay, Ofek & Gal-Yam 2016, eq. 28).
 *
 * @param planes the difference, the template and the image as they were subtracted from each other, the template smeared
 */
export function differenceVariance(
  science: MaskedImage,
  template: MaskedImage,
  planes: {
    readonly image: Float32Array;
    readonly matched: Float32Array;
    readonly target: Float32Array;
    readonly smeared: Float32Array;
  },
  sourceVariance: number,
  stars: readonly BrightStar[],
  fwhm: number,
): Float32Array {
  const { width, height } = science;
  const { image, matched, target, smeared } = planes;
  const variance = new Float32Array(matched.length);
  for (let i = 0; i < variance.length; i++) {
    variance[i] = science.variance[i] + template.variance[i] + Math.max(0, matched[i]) * sourceVariance;
  }
  const error2 = matchError(image, variance, matched, width, height, stars, fwhm) ** 2;
  const scatter2 = registrationScatter(target, matched, width, height, stars, fwhm) ** 2;
  for (let i = 0; i < variance.length; i++) {
    const flux = Math.max(0, matched[i]);
    const slopeX = ((matched[i + 1] ?? 0) - (matched[i - 1] ?? 0)) / 2;
    const slopeY = ((matched[i + width] ?? 0) - (matched[i - width] ?? 0)) / 2;
    variance[i] +=
      error2 * flux * flux +
      error2 * (WING_ERROR * Math.max(0, smeared[i])) ** 2 +
      scatter2 * (slopeX * slopeX + slopeY * slopeY);
  }
  return variance;
}
