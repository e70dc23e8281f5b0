import { MASK } from './masked-image.ts';
import type { SkyPlane } from './patch.ts';
import { median } from './statistics.ts';

/** Median of the variance on a grid of some thousand pixels. */
export function typicalVariance({ width, height, mask, varianceAt }: SkyPlane): number {
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / 4000)));
  const values: number[] = [];
  for (let y = step >> 1; y < height; y += step) {
    for (let x = step >> 1; x < width; x += step) {
      const value = varianceAt(x, y);
      if (value > 0 && (mask[y * width + x] & MASK.NO_DATA) === 0) values.push(value);
    }
  }
  return median(values);
}
