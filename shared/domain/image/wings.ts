import { smoothGaussian } from './convolve.ts';
import { solveSymmetric } from './linear-algebra.ts';

/** Widths of the two smears, in FWHM: rings of a 21 px kernel peak at 3.5 FWHM, where the first has fallen to 2 %. */
const WIDTHS = [1.25, 2];

/** What differs by more than this (sigma of a pixel) is no wing but a source, a defect or a streak. */
const CLIP = 5;

/** The matched template smeared over 1.25 and 2 FWHM: how far its stars reach beyond the kernel. */
export function smearStars(
  matched: Float32Array,
  width: number,
  height: number,
  fwhm: number,
): Float32Array[] {
  return WIDTHS.map((factor) => smoothGaussian(matched, width, height, factor * fwhm));
}

/**
 * Fits what a difference has of the smeared stars and takes it out, in place: the wings that the kernel was too small
 * to make. Where two images fall off with different powers of the radius, a star of S/N 1500 leaves a ring of 5 sigma
 * (of a point source) at 12 to 17 px, alike around every star, saturated ones included: four of five false detections
 * of a simulated night. Two amplitudes and a level, fitted to all pixels, leave a seventh of it.
 *
 * @param matched takes what the difference loses, so that the two still add up to the image
 * @param variance weights the pixels of the fit
 */
export function subtractWings(
  image: Float32Array,
  matched: Float32Array,
  variance: Float32Array,
  smears: readonly Float32Array[],
  isUsable: (at: number) => boolean,
): void {
  const n = smears.length + 1;
  const normal = new Float64Array(n * n);
  const right = new Float64Array(n);
  const terms = new Float64Array(n).fill(1);
  for (let i = 0; i < image.length; i++) {
    if (!isUsable(i) || image[i] ** 2 > CLIP ** 2 * variance[i]) continue;
    for (let k = 0; k < smears.length; k++) terms[k] = smears[k][i];
    for (let k = 0; k < n; k++) {
      const weighted = terms[k] / variance[i];
      right[k] += weighted * image[i];
      for (let l = 0; l < n; l++) normal[k * n + l] += weighted * terms[l];
    }
  }
  // Without a star there is nothing to fit, nor to subtract.
  const amplitudes = solveSymmetric(normal, right) ?? new Float64Array(n);
  for (let i = 0; i < image.length; i++) {
    let wing = 0;
    for (let k = 0; k < smears.length; k++) wing += amplitudes[k] * smears[k][i];
    image[i] -= wing;
    matched[i] += wing;
  }
}
