import { smoothGaussian } from './convolve.ts';
import { solveSymmetric } from './linear-algebra.ts';

/** Widths of the two smears, in FWHM: rings of a 21 px kernel peak at 3.5 FWHM, where the first has fallen to 2 %. */
const WIDTHS = [1.25, 2];

/** What differs by more than this (sigma of a pixel) is no wing but a source, a defect or a streak. */
const CLIP = 5;

/** Every third pixel determines three numbers well enough. */
const STRIDE = 3;

/**
 * The matched template smeared over 1.25 and 2 FWHM: how far its stars reach beyond the kernel. Made of pixels of twice
 * the size, which so wide a smear does not tell from its own, in an eighth of the time.
 */
export function smearStars(
  matched: Float32Array,
  width: number,
  height: number,
  fwhm: number,
): Float32Array[] {
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const halved = halve(matched, width, height, halfWidth, halfHeight);
  return WIDTHS.map((factor) => {
    const smear = smoothGaussian(halved, halfWidth, halfHeight, (factor * fwhm) / 2);
    return double(smear, halfWidth, halfHeight, width, height);
  });
}

/** Means of 2x2 pixels; at an odd edge the last row or column counts twice. */
function halve(
  image: Float32Array,
  width: number,
  height: number,
  halfWidth: number,
  halfHeight: number,
): Float32Array {
  const out = new Float32Array(halfWidth * halfHeight);
  for (let y = 0; y < halfHeight; y++) {
    const [a, b] = [2 * y * width, Math.min(2 * y + 1, height - 1) * width];
    for (let x = 0; x < halfWidth; x++) {
      const [i, j] = [2 * x, Math.min(2 * x + 1, width - 1)];
      out[y * halfWidth + x] = (image[a + i] + image[a + j] + image[b + i] + image[b + j]) / 4;
    }
  }
  return out;
}

/** Back to pixels of half the size, bilinear: each lies a quarter of a large pixel from the nearest centre. */
function double(
  image: Float32Array,
  halfWidth: number,
  halfHeight: number,
  width: number,
  height: number,
): Float32Array {
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const near = (y >> 1) * halfWidth;
    const far = Math.min(halfHeight - 1, Math.max(0, (y >> 1) + (y % 2 === 0 ? -1 : 1))) * halfWidth;
    for (let x = 0; x < width; x++) {
      const i = x >> 1;
      const j = Math.min(halfWidth - 1, Math.max(0, i + (x % 2 === 0 ? -1 : 1)));
      out[y * width + x] =
        0.5625 * image[near + i] + 0.1875 * (image[near + j] + image[far + i]) + 0.0625 * image[far + j];
    }
  }
  return out;
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
  for (let i = 0; i < image.length; i += STRIDE) {
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
