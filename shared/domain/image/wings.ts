import { solveSymmetric } from './linear-algebra.ts';
import { MASK, UNMEASURED } from './masked-image.ts';
import { smoothGaussian } from './smooth.ts';
import type { Workspace } from './workspace.ts';

/** Widths of the two smears, in FWHM: rings of a 21 px kernel peak at 3.5 FWHM, where the first has fallen to 2 %. */
const WIDTHS = [1.25, 2] as const;

/** What differs by more than this (sigma of a pixel) is no wing but a source, a defect or a streak. */
const CLIP = 5;

/** Every third pixel of every third row determines three numbers well enough. */
const STRIDE = 3;

/** The matched template smeared over 1.25 and 2 FWHM, planes of pixels of twice the size. */
export type Smears = readonly [Float32Array, Float32Array];

/**
 * How far the stars of a matched template reach beyond the kernel. Pixels of twice the size, which so wide a smear does
 * not tell from its own, take an eighth of the time.
 */
export function smearStars(
  workspace: Workspace,
  matched: Float32Array,
  width: number,
  height: number,
  fwhm: number,
): Smears {
  const [columns, rows] = [(width + 1) >> 1, (height + 1) >> 1];
  const halved = workspace.floats(columns * rows);
  workspace.strips('halveRows', rows, [matched.byteOffset, halved.byteOffset, width, height]);
  const smear = (factor: number): Float32Array => {
    const out = workspace.floats(columns * rows);
    smoothGaussian(workspace, halved, out, columns, rows, (factor * fwhm) / 2);
    return out;
  };
  const smears: Smears = [smear(WIDTHS[0]), smear(WIDTHS[1])];
  workspace.release(halved);
  return smears;
}

/**
 * Fits what a difference has of the smeared stars and takes it out, in place: the wings that the kernel was too small
 * to make. Where two images fall off with different powers of the radius, a star of S/N 1500 leaves a ring of 5 sigma
 * (of a point source) at 12 to 17 px, alike around every star, saturated ones included: four of five false detections
 * of a simulated night. Two amplitudes and a level, fitted to all pixels, leave a seventh of it. Halos (SUSPECT) stay out
 * of the fit: a saturated core is interpolated in the template, and the light that misses round it, taken for wings, left
 * rings of -5 sigma at 10 to 16 px round every star of 3e5 to 2e6 electrons: 60 false detections a detector, else 2.
 *
 * @param planes `matched` takes what the difference loses, so that the two still add up to the image; `variance` weighs
 *   the pixels of the fit
 */
export function subtractWings(
  workspace: Workspace,
  planes: { image: Float32Array; matched: Float32Array; variance: Float32Array; mask: Uint16Array },
  smears: Smears,
  width: number,
  height: number,
): void {
  const amplitudes = fitWings(planes, smears, width, height);
  workspace.strips('wingRows', height, [
    planes.image.byteOffset,
    planes.matched.byteOffset,
    smears[0].byteOffset,
    smears[1].byteOffset,
    width,
    height,
    amplitudes[0],
    amplitudes[1],
  ]);
}

function fitWings(
  { image, variance, mask }: { image: Float32Array; variance: Float32Array; mask: Uint16Array },
  [first, second]: Smears,
  width: number,
  height: number,
): Float64Array {
  const columns = (width + 1) >> 1;
  const normal = new Float64Array(9);
  const right = new Float64Array(3);
  const unseen = UNMEASURED | MASK.SAT_TEMPLATE | MASK.SUSPECT;
  for (let y = 0; y < height; y += STRIDE) {
    for (let x = 0; x < width; x += STRIDE) {
      const at = y * width + x;
      const value = image[at];
      if ((mask[at] & unseen) !== 0 || value * value > CLIP * CLIP * variance[at]) continue;
      const coarse = (y >> 1) * columns + (x >> 1);
      const [a, b, weight] = [first[coarse], second[coarse], 1 / variance[at]];
      normal[0] += weight * a * a;
      normal[1] += weight * a * b;
      normal[2] += weight * a;
      normal[4] += weight * b * b;
      normal[5] += weight * b;
      normal[8] += weight;
      right[0] += weight * a * value;
      right[1] += weight * b * value;
      right[2] += weight * value;
    }
  }
  [normal[3], normal[6], normal[7]] = [normal[1], normal[2], normal[5]];
  // Without a star there is nothing to fit, nor to subtract.
  return solveSymmetric(normal, right) ?? new Float64Array(3);
}
