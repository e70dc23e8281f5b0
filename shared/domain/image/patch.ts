import type { MaskedImage } from './masked-image.ts';

/** A calibrated plane of the sky whose variance is told pixel by pixel, so that nobody must hold a plane of it. */
export interface SkyPlane {
  readonly width: number;
  readonly height: number;
  readonly image: Float32Array;
  readonly mask: Uint16Array;
  /** Of a whole pixel inside the image, unit². */
  varianceAt(x: number, y: number): number;
}

/** Part of an image; its first pixel is (x0, y0) there. What lies outside a patch that was clipped is off the image. */
export interface Patch extends MaskedImage {
  readonly x0: number;
  readonly y0: number;
}

/** An image that has its variance as a plane. */
export function skyPlane(image: MaskedImage | SkyPlane): SkyPlane {
  if ('varianceAt' in image) return image;
  const { width, height, variance, mask } = image;
  return { width, height, image: image.image, mask, varianceAt: (x, y) => variance[y * width + x] };
}

/** Copies [minX..maxX] x [minY..maxY], clipped to the image. */
export function cutPatch(
  plane: SkyPlane | MaskedImage,
  minX: number,
  minY: number,
  maxX: number,
  maxY: number,
): Patch {
  const x0 = Math.max(0, minX);
  const y0 = Math.max(0, minY);
  const width = Math.max(0, Math.min(plane.width - 1, maxX) - x0 + 1);
  const height = Math.max(0, Math.min(plane.height - 1, maxY) - y0 + 1);
  const image = new Float32Array(width * height);
  const variance = new Float32Array(width * height);
  const mask = new Uint16Array(width * height);
  for (let j = 0, to = 0; j < height; j++) {
    const from = (y0 + j) * plane.width + x0;
    image.set(plane.image.subarray(from, from + width), to);
    mask.set(plane.mask.subarray(from, from + width), to);
    // A plane that tells its variance may have given back the memory of the one that it once held.
    if ('varianceAt' in plane)
      for (let i = 0; i < width; i++) variance[to + i] = plane.varianceAt(x0 + i, y0 + j);
    else variance.set(plane.variance.subarray(from, from + width), to);
    to += width;
  }
  return { x0, y0, width, height, image, variance, mask };
}
