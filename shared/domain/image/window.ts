import { type MaskedImage, UNUSABLE } from './masked-image.ts';

/** A rectangle of pixels cut out for a fit, with inverse variances (0: unusable). */
export interface Window {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
  readonly weights: Float64Array;
}

/** Cuts [minX..maxX] x [minY..maxY], clipped to the image. */
export function cutWindow(
  image: MaskedImage,
  minX: number,
  minY: number,
  maxX: number,
  maxY: number,
): Window {
  const x0 = Math.max(0, minX);
  const y0 = Math.max(0, minY);
  const width = Math.max(0, Math.min(image.width - 1, maxX) - x0 + 1);
  const height = Math.max(0, Math.min(image.height - 1, maxY) - y0 + 1);
  const data = new Float64Array(width * height);
  const weights = new Float64Array(width * height);
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      const at = (y0 + j) * image.width + x0 + i;
      data[j * width + i] = image.image[at];
      const usable = (image.mask[at] & UNUSABLE) === 0 && image.variance[at] > 0;
      weights[j * width + i] = usable ? 1 / image.variance[at] : 0;
    }
  }
  return { x0, y0, width, height, data, weights };
}

export function usablePixels({ weights }: Window): number {
  return weights.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
}
