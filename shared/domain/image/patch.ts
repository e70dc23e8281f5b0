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

/** The variance of a plane that tells it pixel by pixel is asked for once in a square of so many. */
const VARIANCE_STEP = 4;

/** Copies [minX..maxX] x [minY..maxY], clipped to the image; the variance as it is, or in steps of 4 px. */
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
  const mask = new Uint16Array(width * height);
  // Views of rows to copy from would cost five times the copying.
  for (let j = 0, to = 0; j < height; j++) {
    for (let i = 0, from = (y0 + j) * plane.width + x0; i < width; i++, from++, to++) {
      image[to] = plane.image[from];
      mask[to] = plane.mask[from];
    }
  }
  // A template tells its variance and has a plane of that name too, of a quarter of the pixels.
  const variance =
    'varianceAt' in plane ? told(plane, x0, y0, width, height) : copied(plane, x0, y0, width, height);
  return { x0, y0, width, height, image, variance, mask };
}

function copied(plane: MaskedImage, x0: number, y0: number, width: number, height: number): Float32Array {
  const variance = new Float32Array(width * height);
  for (let j = 0, to = 0; j < height; j++) {
    for (let i = 0, from = (y0 + j) * plane.width + x0; i < width; i++)
      variance[to++] = plane.variance[from++];
  }
  return variance;
}

function told(plane: SkyPlane, x0: number, y0: number, width: number, height: number): Float32Array {
  const variance = new Float32Array(width * height);
  for (let j = 0; j < height; j++) {
    const y = y0 + j;
    const isNew = j === 0 || y % VARIANCE_STEP === 0;
    let value = 0;
    for (let i = 0, at = j * width; i < width; i++, at++) {
      if (!isNew) variance[at] = variance[at - width];
      else {
        if (i === 0 || (x0 + i) % VARIANCE_STEP === 0) value = plane.varianceAt(x0 + i, y);
        variance[at] = value;
      }
    }
  }
  return variance;
}
