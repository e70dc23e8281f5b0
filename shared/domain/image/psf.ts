import type { Kernel } from './convolve.ts';
import { shiftStamp } from './lanczos.ts';
import { invertSymmetric } from './linear-algebra.ts';
import { fitMoffat, sampleMoffat } from './moffat.ts';
import { type FoundObject, objectRadius } from './objects.ts';
import type { SkyPlane } from './patch.ts';
import { polynomialTerms, termCount } from './polynomial.ts';
import { ImageRefused } from './refusal.ts';
import { median } from './statistics.ts';

/** The point-spread function over an image: each pixel of a (2 half + 1)² stamp is a polynomial of position. */
export interface PsfModel {
  readonly half: number;
  readonly order: number;
  readonly width: number;
  readonly height: number;
  /** One stamp a term of the polynomial. */
  readonly planes: readonly Float64Array[];
  readonly fwhm: number;
  readonly starCount: number;
}

type PsfShape = Omit<PsfModel, 'fwhm' | 'starCount'>;

/** The PSF at a position, with the sum 1. */
export function psfAt(model: PsfShape, x: number, y: number): Kernel {
  const values = new Float64Array(model.planes[0].length);
  fillPsf(model, x, y, values);
  return { half: model.half, values };
}

function fillPsf({ planes, order, width, height }: PsfShape, x: number, y: number, out: Float64Array): void {
  const terms = polynomialTerms(order, x, y, width, height);
  out.set(planes[0]);
  for (let k = 1; k < planes.length; k++) {
    const plane = planes[k];
    const term = terms[k];
    for (let i = 0; i < out.length; i++) out[i] += term * plane[i];
  }
  let sum = 0;
  for (let i = 0; i < out.length; i++) sum += out[i];
  for (let i = 0; i < out.length; i++) out[i] /= sum;
}

type Pixels = Pick<SkyPlane, 'width' | 'height' | 'image'>;

interface StarStamp {
  readonly x: number;
  readonly y: number;
  readonly pixels: Float64Array;
  /** The same, a neighbour's pixels replaced by the model's. */
  readonly clean: Float64Array;
  /** Sky noise of one pixel. */
  readonly noise: number;
  flux: number;
}

/**
 * Residuals of 0.3 % of the flux are the model's fault, not noise: no star weighs more than that allows. With 1 % the noise
 * area of a sparse field (50 stars) was 1.7 % wrong on average instead of 1.0 %, that of a full one 0.4 % instead of 0.2 %.
 */
const MODEL_ERROR = 0.003;

/** Rounds that settle the stars' fluxes, which scale the stamps and come from the model, to 1e-3; then those of clipping. */
const SCALINGS = 2;
const CLIPS = 4;

/**
 * PSF from stars: recentred stamps, a polynomial a pixel of order 2 from 30 stars, 1 from 10, else one Moffat for the
 * whole image; four rounds in which stars that do not fit are left out.
 *
 * @throws ImageRefused without a single usable star
 */
export function modelPsf(image: Pixels, stars: readonly FoundObject[], skyRms: number): PsfModel {
  const radius = median(stars.map(objectRadius));
  const half = Math.min(20, Math.max(12, Math.ceil(2.6 * 2.355 * radius)));
  let stamps = stars.slice(0, 400).flatMap((star) => starStamp(image, star, half, skyRms) ?? []);
  if (stamps.length === 0)
    throw new ImageRefused('no isolated unsaturated star to take the point-spread function from');
  let model: PsfShape = { half, order: 0, ...sizeOf(image), planes: polynomialPlanes(stamps, 0, image) };
  for (let round = 0; round < SCALINGS + CLIPS; round++) {
    const misfits = compare(stamps, model);
    if (round >= SCALINGS) {
      const limit = Math.max(0.03, 3 * median(misfits));
      const kept = stamps.filter((_, i) => misfits[i] <= limit);
      if (kept.length < Math.min(3, stamps.length)) break;
      if (kept.length === stamps.length && round > SCALINGS) break;
      stamps = kept;
    }
    model = fitModel(stamps, half, image);
  }
  const fwhm = stampFwhm(psfAt(model, image.width / 2, image.height / 2));
  return { ...model, fwhm, starCount: stamps.length };
}

/** FWHM of the circle that covers as many pixels as exceed half of the peak, interpolated over the half-light contour. */
export function stampFwhm({ half, values }: Kernel): number {
  const side = 2 * half + 1;
  const peak = values[half * side + half];
  let area = 0;
  const steps = 4;
  for (let y = 0; y < side - 1; y++) {
    for (let x = 0; x < side - 1; x++) {
      const at = y * side + x;
      for (let j = 0; j < steps; j++) {
        for (let i = 0; i < steps; i++) {
          const u = (i + 0.5) / steps;
          const v = (j + 0.5) / steps;
          const value =
            (1 - v) * ((1 - u) * values[at] + u * values[at + 1]) +
            v * ((1 - u) * values[at + side] + u * values[at + side + 1]);
          if (value > peak / 2) area++;
        }
      }
    }
  }
  return 2 * Math.sqrt(area / (steps * steps) / Math.PI);
}

function starStamp(image: Pixels, star: FoundObject, half: number, noise: number): StarStamp | undefined {
  const margin = 3;
  const cx = Math.round(star.x);
  const cy = Math.round(star.y);
  const reach = half + margin;
  if (cx < reach || cy < reach || cx + reach >= image.width || cy + reach >= image.height) return undefined;
  const side = 2 * reach + 1;
  const wide = new Float64Array(side * side);
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++)
      wide[j * side + i] = image.image[(cy - reach + j) * image.width + cx - reach + i];
  }
  const centred = shiftStamp(wide, side, cx - star.x, cy - star.y);
  const inner = 2 * half + 1;
  const pixels = new Float64Array(inner * inner);
  for (let j = 0; j < inner; j++)
    pixels.set(
      centred.subarray((j + margin) * side + margin, (j + margin) * side + margin + inner),
      j * inner,
    );
  return { x: star.x, y: star.y, pixels, clean: pixels.slice(), noise, flux: star.flux };
}

function sizeOf({ width, height }: Pixels): { width: number; height: number } {
  return { width, height };
}

function fitModel(stamps: readonly StarStamp[], half: number, image: Pixels): PsfShape {
  const order = stamps.length >= 30 ? 2 : stamps.length >= 10 ? 1 : 0;
  const planes = polynomialPlanes(stamps, order, image);
  return {
    ...{ half, order, ...sizeOf(image) },
    planes: order > 0 ? planes : [smoothedByMoffat(planes[0], half, stamps)],
  };
}

/**
 * Scales the stamps to the model and replaces what is not theirs; how badly each fits: the root of the residual power,
 * less what sky noise explains, over the model's power.
 */
function compare(stamps: readonly StarStamp[], model: PsfShape): number[] {
  const disc = discOf(model.half);
  const own = new Float64Array(model.planes[0].length);
  return stamps.map((stamp) => {
    fillPsf(model, stamp.x, stamp.y, own);
    stamp.flux = fittedFlux(stamp, own, disc);
    // The mean of all stars is no model of one yet: 30 % of its wings are the field's.
    if (stamps.length >= 10) cleanStamp(stamp, own, model.order === 0 ? 0.3 : 0.1);
    return misfit(stamp, own);
  });
}

/** Pixels of a stamp in which the flux is fitted. */
function discOf(half: number): number[] {
  const side = 2 * half + 1;
  return Array.from({ length: side * side }, (_, at) => at).filter(
    (at) => Math.hypot((at % side) - half, Math.floor(at / side) - half) <= 0.6 * half,
  );
}

/** Replaces by the model the pixels that differ from it by 4 sigma and its `error`: neighbours. */
function cleanStamp({ pixels, clean, flux, noise }: StarStamp, psf: Float64Array, error: number): void {
  for (let i = 0; i < pixels.length; i++) {
    const model = flux * psf[i];
    const limit = 4 * Math.sqrt(noise * noise + Math.max(0, model)) + error * Math.abs(model);
    clean[i] = Math.abs(pixels[i] - model) > limit ? model : pixels[i];
  }
}

function fittedFlux({ pixels }: StarStamp, psf: Float64Array, disc: readonly number[]): number {
  let [product, square] = [0, 0];
  for (const at of disc) {
    product += psf[at] * pixels[at];
    square += psf[at] * psf[at];
  }
  return product / square;
}

function misfit({ clean, flux, noise }: StarStamp, psf: Float64Array): number {
  let [residual, power] = [0, 0];
  for (let i = 0; i < psf.length; i++) {
    const model = flux * psf[i];
    residual += (clean[i] - model) ** 2 - noise * noise;
    power += model * model;
  }
  return Math.sqrt(Math.max(0, residual) / power);
}

function polynomialPlanes(
  stamps: readonly StarStamp[],
  order: number,
  { width, height }: Pixels,
): Float64Array[] {
  const terms = termCount(order);
  const size = stamps[0].pixels.length;
  const normal = new Float64Array(terms * terms);
  const sums = Array.from({ length: terms }, () => new Float64Array(size));
  for (const { x, y, clean, flux, noise } of stamps) {
    if (!(flux > 0)) continue;
    const basis = polynomialTerms(order, x, y, width, height);
    const weight = 1 / ((noise / flux) ** 2 + (MODEL_ERROR / 25) ** 2);
    for (let k = 0; k < terms; k++) {
      for (let l = 0; l < terms; l++) normal[k * terms + l] += weight * basis[k] * basis[l];
      const factor = (weight * basis[k]) / flux;
      const sum = sums[k];
      for (let i = 0; i < size; i++) sum[i] += factor * clean[i];
    }
  }
  const inverse = invertSymmetric(normal, terms);
  if (inverse === undefined) throw new ImageRefused('the stars do not determine the point-spread function');
  return sums.map((_, k) => {
    const plane = new Float64Array(size);
    for (let l = 0; l < terms; l++) {
      const factor = inverse[k * terms + l];
      for (let i = 0; i < size; i++) plane[i] += factor * sums[l][i];
    }
    return plane;
  });
}

/** Few stars leave noise in the wings: beyond the core (1.5 FWHM) the stamp is replaced by a Moffat fitted to it. */
function smoothedByMoffat(stamp: Float64Array, half: number, stamps: readonly StarStamp[]): Float64Array {
  const weights = new Float64Array(stamp.length).fill(1);
  const fwhm = stampFwhm({ half, values: stamp });
  const moffat = fitMoffat(stamp, half, weights, fwhm);
  if (moffat === undefined) return stamp;
  const model = sampleMoffat(moffat, half);
  const noise = 1 / Math.sqrt(stamps.reduce((sum, { flux, noise: sky }) => sum + (flux / sky) ** 2, 0));
  const side = 2 * half + 1;
  return model.map((value, i) => {
    const radius = Math.hypot((i % side) - half, Math.floor(i / side) - half);
    const residual = stamp[i] - value;
    const trusted = radius < 1.5 * fwhm && Math.abs(residual) > 3 * noise;
    return trusted ? stamp[i] : value;
  });
}
