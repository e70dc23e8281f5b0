import { hduNamed, readFits } from '../fits/read.ts';
import { amplifiersOf } from './amplifiers.ts';
import { MASK } from './masked-image.ts';
import { ImageRefused } from './refusal.ts';
import { median, medianInPlace, robustSigmaInPlace, sample } from './statistics.ts';

/** A calibration frame on the detector's pixels: bias and dark in ADU, flat with median 1. */
export interface CalibrationFrame {
  readonly pixels: Float32Array;
  /** Non-zero where the frame's own MASK HDU says the pixel is bad. */
  readonly defects?: Uint8Array;
}

/**
 * Reads a calibration frame: one image of the detector's size (and a MASK HDU of the same size), or one image an
 * amplifier with DATASEC, BIASSEC and DETSEC, which is assembled; its overscan counts as already removed.
 */
export function readCalibrationFrame(
  kind: string,
  bytes: Uint8Array,
  width: number,
  height: number,
): CalibrationFrame {
  const hdus = readFits(bytes);
  const amplifiers = amplifiersOf(hdus);
  const pixels = new Float32Array(width * height);
  const mask = hduNamed(hdus, 'MASK')?.image;
  if (amplifiers.length > 0) {
    for (const { image, data, detector } of amplifiers) {
      for (let y = data.y0; y < data.y1; y++) {
        const row = detector.flipY ? detector.y1 - 1 - (y - data.y0) : detector.y0 + (y - data.y0);
        for (let x = data.x0; x < data.x1; x++) {
          const column = detector.flipX ? detector.x1 - 1 - (x - data.x0) : detector.x0 + (x - data.x0);
          pixels[row * width + column] = image.pixels[y * image.width + x];
        }
      }
    }
  } else {
    const image = hdus.find((hdu) => hdu.image !== undefined)?.image;
    if (image === undefined || image.width !== width || image.height !== height) {
      const size = image === undefined ? 'without an image' : `${image.width}x${image.height}`;
      throw new ImageRefused(`the ${kind} frame is ${size}, the detector ${width}x${height}`);
    }
    pixels.set(image.pixels);
  }
  if (mask === undefined) return { pixels };
  return { pixels, defects: Uint8Array.from(mask.pixels, (value) => (value === 0 ? 0 : 1)) };
}

/** Divides a flat by its median, in place. */
export function normaliseFlat(flat: CalibrationFrame): CalibrationFrame {
  const level = medianInPlace(
    sample(flat.pixels, 7, (at) => flat.pixels[at] > 0 && flat.pixels[at] < Number.POSITIVE_INFINITY),
  );
  if (!(level > 0)) throw new ImageRefused('the flat frame has no positive pixel');
  for (let i = 0; i < flat.pixels.length; i++) flat.pixels[i] /= level;
  return flat;
}

/**
 * Marks as BAD what the calibration frames show: masked pixels, a flat below half or above twice its median, bias
 * pixels beyond 20 robust sigma of the bias, and whole columns whose median in the bias or flat stands out by that.
 */
export function markDefects(
  mask: Uint16Array,
  width: number,
  height: number,
  frames: { bias?: CalibrationFrame; flat?: CalibrationFrame },
): void {
  for (const frame of [frames.bias, frames.flat]) {
    if (frame?.defects !== undefined)
      frame.defects.forEach((bad, i) => {
        if (bad) mask[i] |= MASK.BAD;
      });
  }
  if (frames.flat !== undefined) {
    const flat = frames.flat.pixels;
    for (let i = 0; i < flat.length; i++) if (!(flat[i] > 0.5 && flat[i] < 2)) mask[i] |= MASK.BAD;
    markColumns(mask, width, height, flat, 0.05);
  }
  if (frames.bias !== undefined) {
    const bias = frames.bias.pixels;
    const values = sample(bias, 7, (at) => Number.isFinite(bias[at]));
    const centre = medianInPlace(values);
    const limit = 20 * Math.max(robustSigmaInPlace(values), 1);
    for (let i = 0; i < bias.length; i++) if (!(Math.abs(bias[i] - centre) < limit)) mask[i] |= MASK.BAD;
    markColumns(mask, width, height, bias, limit / 2);
  }
}

/** A column is bad in the stretch of 64 rows where its median differs from its neighbours' by more than `limit`. */
function markColumns(
  mask: Uint16Array,
  width: number,
  height: number,
  pixels: Float32Array,
  limit: number,
): void {
  const stretch = Math.min(64, height);
  const column = new Float64Array(stretch);
  const medians = new Float64Array(width);
  for (let y0 = 0; y0 < height; y0 += stretch) {
    const rows = Math.min(stretch, height - y0);
    for (let x = 0; x < width; x++) {
      for (let y = 0; y < rows; y++) column[y] = pixels[(y0 + y) * width + x];
      medians[x] = medianInPlace(column, rows);
    }
    for (let x = 0; x < width; x++) {
      const near = [-4, -3, -2, 2, 3, 4].map((d) => medians[Math.min(width - 1, Math.max(0, x + d))]);
      if (Math.abs(medians[x] - median(near)) <= limit) continue;
      for (let y = 0; y < rows; y++) mask[(y0 + y) * width + x] |= MASK.BAD;
    }
  }
}
