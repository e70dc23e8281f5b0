import { adaptiveMoments } from './moments.ts';
import { robustSigma } from './statistics.ts';

/** A star by position and signal-to-noise of its peak, brightest first in every list. */
export interface BrightStar {
  readonly x: number;
  readonly y: number;
  readonly snr: number;
}

/**
 * How far stars scatter between two images, pixels rms an axis beyond their centroids' noise: proper motions, refraction
 * and distortions that no matching kernel follows. 0 with fewer than 3 stars.
 */
export function registrationScatter(
  a: Float32Array,
  b: Float32Array,
  width: number,
  height: number,
  stars: readonly BrightStar[],
  fwhm: number,
): number {
  const sigma = fwhm / 2.355;
  const offsets: number[] = [];
  let noise = 0;
  let count = 0;
  for (const { x, y, snr } of stars.slice(0, 100)) {
    const first = adaptiveMoments(a, width, height, x, y, sigma);
    const second = adaptiveMoments(b, width, height, x, y, sigma);
    if (first === undefined || second === undefined) continue;
    offsets.push(first.x - second.x, first.y - second.y);
    noise += (sigma / snr) ** 2;
    count++;
  }
  if (count < 3) return 0;
  return Math.sqrt(Math.max(0, robustSigma(offsets) ** 2 - noise / count));
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
  difference: Float32Array,
  variance: Float32Array,
  matched: Float32Array,
  width: number,
  height: number,
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
        residual += difference[at] ** 2 - variance[at];
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
