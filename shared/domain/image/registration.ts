import { adaptiveMoments } from './moments.ts';
import { robustSigma } from './statistics.ts';

/** A star by position and signal-to-noise of its peak. */
interface Star {
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
  stars: readonly Star[],
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
