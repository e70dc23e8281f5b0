import { MASK } from './masked-image.ts';
import type { SkyPlane } from './patch.ts';
import { gaussianTaps } from './smooth.ts';
import { robustSigmaInPlace } from './statistics.ts';
import type { Workspace } from './workspace.ts';

/** A local maximum of a smoothed image. */
export interface Peak {
  readonly x: number;
  readonly y: number;
  /** Of the smoothed image over its noise. */
  readonly snr: number;
}

/** Peaks that are looked at; more of them raise the threshold. A crowded detector has 20,000 above 10 sigma. */
const MOST = 65_536;

/** Places at which the noise is measured: to 1 %. */
const PLACES = 8000;

/**
 * Peaks of a background-subtracted image smoothed by a Gaussian, brightest first.
 *
 * @param threshold sigma of the smoothed image; twice as much, and so on, where more than 65,536 peaks exceed it
 * @param sigma of the Gaussian, pixels
 */
export function findPeaks(workspace: Workspace, plane: SkyPlane, threshold: number, sigma: number): Peak[] {
  const { width, height, image } = plane;
  const taps = gaussianTaps(workspace, sigma);
  const noise = smoothedNoise(plane, taps);
  const indices = workspace.integers(2 * MOST);
  const values = new Float32Array(indices.buffer, indices.byteOffset, indices.length);
  const count = workspace.integers(1);
  let limit = threshold * noise;
  for (;;) {
    count[0] = 0;
    workspace.strips('peakRows', height, [
      ...[image.byteOffset, width, height, taps.byteOffset, taps.length - 1, limit],
      ...[indices.byteOffset, MOST, count.byteOffset],
    ]);
    if (count[0] <= MOST || !(limit > 0)) break;
    limit *= 2;
  }
  const peaks = Array.from({ length: Math.min(MOST, count[0]) }, (_, k): Peak => {
    const at = indices[2 * k];
    return { x: at % width, y: Math.floor(at / width), snr: values[2 * k + 1] / noise };
  });
  workspace.release(taps, indices, count);
  // Threads deliver them in any order.
  return peaks.sort((a, b) => b.snr - a.snr || a.y - b.y || a.x - b.x);
}

/** Robust sigma of the image smoothed by these taps, from places all over it. */
function smoothedNoise({ width, height, image, mask }: SkyPlane, taps: Float32Array): number {
  const half = taps.length - 1;
  const weights = Float64Array.from({ length: 2 * half + 1 }, (_, k) => taps[Math.abs(k - half)]);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / PLACES)));
  const found: number[] = [];
  for (let y = half; y < height - half; y += step) {
    for (let x = half; x < width - half; x += step) {
      if ((mask[y * width + x] & MASK.NO_DATA) !== 0) continue;
      let sum = 0;
      for (let j = -half; j <= half; j++) {
        let row = 0;
        for (let i = -half, at = (y + j) * width + x - half; i <= half; i++, at++)
          row += weights[i + half] * image[at];
        sum += weights[j + half] * row;
      }
      found.push(sum / (total * total));
    }
  }
  return robustSigmaInPlace(Float64Array.from(found));
}
