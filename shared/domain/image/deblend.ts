import type { Kernel } from './convolve.ts';
import type { Footprint } from './detect.ts';
import { type FinePsf, fineValue, refinePsf } from './fine-psf.ts';

/** A local extreme of the score image. */
export interface Peak {
  readonly x: number;
  readonly y: number;
  /** Signed signal-to-noise. */
  readonly score: number;
}

/** A footprint and its peaks, strongest first. */
export interface Detection {
  readonly footprint: Footprint;
  readonly peaks: readonly Peak[];
}

/** A peak beside a stronger one must exceed this part of it: residuals of an imperfect PSF stay below. */
const SECONDARY = 0.1;

/** Peaks nearer to a stronger one than this are what its subtraction left, pixels. */
const SHOULDER = 2.5;

/**
 * The point sources that explain a footprint, strongest first: takes its strongest pixel, subtracts a point source's
 * response there, and goes on while a pixel exceeds the threshold and a tenth of the first.
 *
 * @param psf of the difference, whose autocorrelation is the score's response to a point source
 */
export function findPeaks(
  score: Float32Array,
  width: number,
  { pixels }: Footprint,
  threshold: number,
  psf: Kernel,
): Peak[] {
  const residual = Float32Array.from(pixels, (at) => score[at]);
  const most = Math.min(40, 4 + Math.floor(pixels.length / 20));
  const peaks: Peak[] = [];
  let limit = threshold;
  // Shoulders spend rounds without adding a peak.
  for (let round = 0; round < 2 * most && peaks.length < most; round++) {
    const best = strongest(residual, limit);
    if (best < 0) break;
    const x = pixels[best] % width;
    const y = (pixels[best] - x) / width;
    const value = residual[best];
    const isShoulder = peaks.some((peak) => Math.hypot(peak.x - x, peak.y - y) < SHOULDER);
    if (!isShoulder) peaks.push({ x, y, score: value });
    limit = Math.max(limit, SECONDARY * Math.abs(peaks[0].score));
    subtractResponse(residual, pixels, width, best, responseOf(psf));
  }
  return peaks;
}

function strongest(residual: Float32Array, limit: number): number {
  let best = -1;
  let most = limit;
  for (let k = 0; k < residual.length; k++) {
    const size = Math.abs(residual[k]);
    if (size > most) {
      most = size;
      best = k;
    }
  }
  return best;
}

/** Subtracts a point source from the residual at its pixel `best`, moved to the peak between the pixels. */
function subtractResponse(
  residual: Float32Array,
  pixels: Int32Array,
  width: number,
  best: number,
  response: FinePsf,
): void {
  const at = pixels[best];
  const x = at % width;
  const y = (at - x) / width;
  const offset = (step: number): number => {
    const before = indexOf(pixels, at - step);
    const after = indexOf(pixels, at + step);
    if (before < 0 || after < 0) return 0;
    const curvature = residual[after] + residual[before] - 2 * residual[best];
    const shift = (residual[before] - residual[after]) / (2 * curvature);
    return Number.isFinite(shift) ? Math.min(0.6, Math.max(-0.6, shift)) : 0;
  };
  const cx = x + offset(1);
  const cy = y + offset(width);
  const scale = residual[best] / fineValue(response, x - cx, y - cy);
  for (let k = 0; k < pixels.length; k++) {
    const px = pixels[k] % width;
    residual[k] -= scale * fineValue(response, px - cx, (pixels[k] - px) / width - cy);
  }
}

/** Place of a value in ascending integers; -1 where it is not among them. */
function indexOf(sorted: Int32Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] === value) return middle;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

const responses = new WeakMap<Kernel, FinePsf>();

function responseOf(psf: Kernel): FinePsf {
  let known = responses.get(psf);
  if (known === undefined) {
    known = refinePsf(autocorrelation(psf));
    responses.set(psf, known);
  }
  return known;
}

/**
 * Autocorrelation of a PSF, 1 at the centre, out to 1.5 FWHM, where it is below 5 %: what lies farther out is less
 * than a peak needs.
 */
function autocorrelation({ half, values }: Kernel): Kernel {
  const side = 2 * half + 1;
  let power = 0;
  for (const value of values) power += value * value;
  // A Gaussian of this effective area (1 / sum P²) has a FWHM of 0.664 of its root.
  const reach = Math.min(half, Math.ceil(1.5 * 0.664 * Math.sqrt(1 / power)));
  const lags = 2 * reach + 1;
  const out = new Float64Array(lags * lags);
  const first = half - reach;
  const last = half + reach;
  for (let dy = 0; dy <= reach; dy++) {
    for (let dx = dy === 0 ? 0 : -reach; dx <= reach; dx++) {
      let sum = 0;
      for (let j = first; j <= last - dy; j++) {
        const near = j * side;
        const far = (j + dy) * side + dx;
        for (let i = Math.max(first, first - dx); i <= Math.min(last, last - dx); i++)
          sum += values[near + i] * values[far + i];
      }
      out[(reach + dy) * lags + reach + dx] = sum;
      out[(reach - dy) * lags + reach - dx] = sum;
    }
  }
  const centre = out[reach * lags + reach];
  return { half: reach, values: out.map((value) => value / centre) };
}
