import { type MaskedImage, UNUSABLE } from './masked-image.ts';
import { cutPatch } from './patch.ts';

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
  const patch = cutPatch(image, minX, minY, maxX, maxY);
  const { x0, y0, width, height, variance, mask } = patch;
  const data = Float64Array.from(patch.image);
  const weights = Float64Array.from(variance, (value, at) =>
    (mask[at] & UNUSABLE) === 0 && value > 0 ? 1 / value : 0,
  );
  return { x0, y0, width, height, data, weights };
}

export function usablePixels({ weights }: Window): number {
  return weights.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
}
