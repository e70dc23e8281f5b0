import type { Moments } from './moments.ts';

/**
 * Centroid and second central moments of pixels, each counted by a weight (SExtractor's isophotal moments: Bertin &
 * Arnouts 1996, A&A 117, 393). Of a footprint they see only what is above the threshold, less than the whole extent.
 *
 * @param pixels indices into an image of this width, with positive weights
 */
export function isophotalMoments(
  pixels: Iterable<number>,
  width: number,
  weightAt: (at: number) => number,
): Moments {
  let [sum, sumX, sumY, sumXx, sumYy, sumXy] = [0, 0, 0, 0, 0, 0];
  for (const at of pixels) {
    const weight = weightAt(at);
    const x = at % width;
    const y = (at - x) / width;
    sum += weight;
    sumX += weight * x;
    sumY += weight * y;
    sumXx += weight * x * x;
    sumYy += weight * y * y;
    sumXy += weight * x * y;
  }
  const [x, y] = [sumX / sum, sumY / sum];
  return {
    x,
    y,
    ixx: sumXx / sum - x * x,
    iyy: sumYy / sum - y * y,
    ixy: sumXy / sum - x * y,
    flux: sum,
  };
}
