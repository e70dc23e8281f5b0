import { adaptiveMoments } from './moments.ts';
import { robustSigma } from './statistics.ts';

/** A star by position and signal-to-noise of its peak, brightest first in every list. */
export interface BrightStar {
  readonly x: number;
  readonly y: number;
  readonly snr: number;
}

/** A difference before anything is known of the match: image = science - matched. */
export interface Subtracted {
  readonly width: number;
  readonly height: number;
  readonly image: Float32Array;
  readonly matched: Float32Array;
  readonly variance: Float32Array;
}

/**
 * How far stars scatter between two images, pixels rms an axis beyond their centroids' noise: proper motions, refraction
 * and distortions that no matching kernel follows. 0 with fewer than 3 stars.
 */
export function registrationScatter(planes: Subtracted, stars: readonly BrightStar[], fwhm: number): number {
  const sigma = fwhm / 2.355;
  const reach = Math.ceil(5 * sigma) + 4;
  const offsets: number[] = [];
  let noise = 0;
  let count = 0;
  for (const { x, y, snr } of stars.slice(0, 100)) {
    const stamp = cutBoth(planes, Math.round(x), Math.round(y), reach);
    if (stamp === undefined) continue;
    const { side, science, matched } = stamp;
    const [cx, cy] = [reach + x - Math.round(x), reach + y - Math.round(y)];
    const first = adaptiveMoments(science, side, side, cx, cy, sigma);
    const second = adaptiveMoments(matched, side, side, cx, cy, sigma);
    if (first === undefined || second === undefined) continue;
    offsets.push(first.x - second.x, first.y - second.y);
    noise += (sigma / snr) ** 2;
    count++;
  }
  if (count < 3) return 0;
  return Math.sqrt(Math.max(0, robustSigma(offsets) ** 2 - noise / count));
}

/** Stamps of the science image, which is what was subtracted and what is left, and of the matched template. */
function cutBoth({ width, height, image, matched }: Subtracted, cx: number, cy: number, reach: number) {
  if (cx < reach || cy < reach || cx + reach >= width || cy + reach >= height) return undefined;
  const side = 2 * reach + 1;
  const stamp = { side, science: new Float32Array(side * side), matched: new Float32Array(side * side) };
  for (let j = 0, to = 0; j < side; j++) {
    for (let from = (cy - reach + j) * width + cx - reach, end = from + side; from < end; from++, to++) {
      stamp.matched[to] = matched[from];
      stamp.science[to] = matched[from] + image[from];
    }
  }
  return stamp;
}

/** Stars fainter than this tell nothing: at S/N 150 the noise alone is 2 % of the flux. */
const LEAST_SNR = 150;

/** Least and most of the match's relative error, and what residuals' own coherence over the PSF multiplies it by. */
const ERROR_RANGE = [0.025, 0.15] as const;
const COHERENCE = 1.5;

/**
 * Relative error of the match in a pixel of a star: the third quartile over the bright stars of the residual's rms over
 * the star's, noise taken off. Errors are coherent over the PSF, which the score sums up, so half of it is put on top.
 */
export function matchError(
  { width, height, image, matched, variance }: Subtracted,
  stars: readonly BrightStar[],
  fwhm: number,
): number {
  const radius = Math.ceil(fwhm);
  const errors = stars.flatMap(({ x, y, snr }) => {
    const [cx, cy] = [Math.round(x), Math.round(y)];
    if (snr < LEAST_SNR || cx < radius || cy < radius || cx + radius >= width || cy + radius >= height)
      return [];
    let residual = 0;
    let power = 0;
    for (let j = cy - radius; j <= cy + radius; j++) {
      for (let at = j * width + cx - radius; at <= j * width + cx + radius; at++) {
        residual += image[at] ** 2 - variance[at];
        power += matched[at] ** 2;
      }
    }
    return [Math.sqrt(Math.max(0, residual) / power)];
  });
  const [least, most] = ERROR_RANGE;
  if (errors.length === 0) return least;
  const quartile = errors.sort((a, b) => a - b)[Math.floor(0.75 * errors.length)];
  return Math.min(most, Math.max(least, COHERENCE * quartile));
}
