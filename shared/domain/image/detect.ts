import type { Kernel } from './convolve.ts';
import { shiftStamp } from './lanczos.ts';
import { MASK } from './masked-image.ts';

/** A local extreme of the score image. */
export interface Peak {
  readonly x: number;
  readonly y: number;
  /** Signed signal-to-noise. */
  readonly score: number;
}

/** Connected pixels above the threshold of either sign, with the peaks that point sources explain, strongest first. */
export interface Footprint {
  readonly pixels: Int32Array;
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
  readonly peaks: readonly Peak[];
}

/** Footprints closer than this are one: LSST grows each by 2 px. */
const REACH = 4;

/** A peak beside a stronger one must exceed this part of it: residuals of an imperfect PSF stay below. */
const SECONDARY = 0.1;

/**
 * Footprints of |score| > threshold: 8-connected, of both signs, merged across gaps of 4 px.
 *
 * @param psfAt PSF of the difference, whose autocorrelation is the score's response to a point source
 */
export function detectFootprints(
  score: Float32Array,
  width: number,
  height: number,
  threshold: number,
  psfAt: (x: number, y: number) => Kernel,
): Footprint[] {
  const seen = new Uint8Array(score.length);
  const footprints: Footprint[] = [];
  const residual = Float32Array.from(score);
  const responses = new Map<Kernel, Kernel>();
  for (let start = 0; start < score.length; start++) {
    if (seen[start] === 1 || Math.abs(score[start]) <= threshold) continue;
    const pixels = flood(score, seen, width, height, start, threshold);
    const box = bounds(pixels, width);
    const psf = psfAt((box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2);
    let response = responses.get(psf);
    if (response === undefined) {
      response = autocorrelation(psf);
      responses.set(psf, response);
    }
    footprints.push({
      pixels,
      ...box,
      peaks: findPeaks(residual, width, height, pixels, threshold, response),
    });
  }
  return footprints;
}

function flood(
  score: Float32Array,
  seen: Uint8Array,
  width: number,
  height: number,
  start: number,
  threshold: number,
): Int32Array {
  const found = [start];
  seen[start] = 1;
  for (let k = 0; k < found.length; k++) {
    const x = found[k] % width;
    const y = (found[k] - x) / width;
    for (let j = Math.max(0, y - REACH); j <= Math.min(height - 1, y + REACH); j++) {
      for (let i = Math.max(0, x - REACH); i <= Math.min(width - 1, x + REACH); i++) {
        const at = j * width + i;
        if (seen[at] === 1 || Math.abs(score[at]) <= threshold) continue;
        seen[at] = 1;
        found.push(at);
      }
    }
  }
  return Int32Array.from(found).sort();
}

function bounds(
  pixels: Int32Array,
  width: number,
): { minX: number; maxX: number; minY: number; maxY: number } {
  let minX = width;
  let maxX = 0;
  for (const at of pixels) {
    const x = at % width;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
  }
  return {
    minX,
    maxX,
    minY: Math.floor(pixels[0] / width),
    maxY: Math.floor(pixels[pixels.length - 1] / width),
  };
}

/** Takes the strongest pixel, subtracts a point source's response there, and goes on while one exceeds the threshold. */
function findPeaks(
  residual: Float32Array,
  width: number,
  height: number,
  pixels: Int32Array,
  threshold: number,
  response: Kernel,
): Peak[] {
  const peaks: Peak[] = [];
  const most = Math.min(40, 4 + Math.floor(pixels.length / 20));
  let limit = threshold;
  while (peaks.length < most) {
    let best = -1;
    for (const at of pixels) {
      if (Math.abs(residual[at]) > limit && (best < 0 || Math.abs(residual[at]) > Math.abs(residual[best])))
        best = at;
    }
    if (best < 0) break;
    const x = best % width;
    const y = Math.floor(best / width);
    const score = residual[best];
    const isShoulder = peaks.some((peak) => Math.hypot(peak.x - x, peak.y - y) < 2.5);
    if (!isShoulder) peaks.push({ x, y, score });
    limit = Math.max(limit, SECONDARY * Math.abs(peaks[0].score));
    subtractResponse(residual, width, height, x, y, score, centred(residual, width, height, x, y, response));
  }
  return peaks;
}

/** The response moved to the sub-pixel position of the peak and scaled so that its central pixel is 1. */
function centred(
  residual: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  { half, values }: Kernel,
): Kernel {
  if (x < 1 || y < 1 || x >= width - 1 || y >= height - 1) return { half, values };
  const at = y * width + x;
  const side = 2 * half + 1;
  const offset = (step: number): number => {
    const curvature = residual[at + step] + residual[at - step] - 2 * residual[at];
    const shift = (residual[at - step] - residual[at + step]) / (2 * curvature);
    return Number.isFinite(shift) ? Math.min(0.6, Math.max(-0.6, shift)) : 0;
  };
  const moved = shiftStamp(values, side, offset(1), offset(width));
  const centre = moved[half * side + half];
  return { half, values: moved.map((value) => value / centre) };
}

function subtractResponse(
  residual: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  score: number,
  { half, values }: Kernel,
): void {
  const side = 2 * half + 1;
  for (let j = Math.max(-half, -y); j <= Math.min(half, height - 1 - y); j++) {
    for (let i = Math.max(-half, -x); i <= Math.min(half, width - 1 - x); i++) {
      residual[(y + j) * width + x + i] -= score * values[(j + half) * side + i + half];
    }
  }
}

/** Autocorrelation of a stamp on its own size, 1 at the centre. */
function autocorrelation({ half, values }: Kernel): Kernel {
  const side = 2 * half + 1;
  const out = new Float64Array(side * side);
  for (let dy = -half; dy <= half; dy++) {
    for (let dx = -half; dx <= half; dx++) {
      let sum = 0;
      for (let j = Math.max(0, -dy); j < Math.min(side, side - dy); j++) {
        for (let i = Math.max(0, -dx); i < Math.min(side, side - dx); i++) {
          sum += values[j * side + i] * values[(j + dy) * side + i + dx];
        }
      }
      out[(dy + half) * side + dx + half] = sum;
    }
  }
  const centre = out[half * side + half];
  return { half, values: out.map((value) => value / centre) };
}

/** Bits on which no source is believed: the pixel was not seen, or a saturated star's halo or the border is there. */
export const REJECTED = MASK.BAD | MASK.SAT | MASK.NO_DATA | MASK.EDGE | MASK.SUSPECT;
