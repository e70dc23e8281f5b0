import type { Band, Line } from './band.ts';
import { type FinePsf, fineValue } from './fine-psf.ts';
import { minimise } from './least-squares.ts';

/** A line of constant brightness convolved with the PSF. Pixels; the angle counts from +x to +y. */
export interface Trail extends Line {
  readonly flux: number;
}

export interface TrailFit extends Trail {
  readonly xErr: number;
  readonly yErr: number;
  readonly lengthErr: number;
  readonly angleErrRad: number;
  readonly fluxErr: number;
  readonly chi2: number;
  readonly count: number;
}

/** Lengths, in units of the guess, that the fit may start from: noise makes shallow minima between them. */
const STARTS = [1, 0.75, 1.35];

/**
 * Fits all five parameters of a trail, starting from the best length near a guess. Undefined when the fit fails.
 *
 * @param hopeless chi² of a start from which the fit need not be tried
 */
export function fitTrail(
  band: Band,
  psf: FinePsf,
  guess: Line,
  hopeless = Number.POSITIVE_INFINITY,
): TrailFit | undefined {
  let start: Trail | undefined;
  let least = hopeless;
  for (const factor of STARTS) {
    const line = { ...guess, length: factor * guess.length };
    const linear = trailFlux(band, psf, line);
    if (linear === undefined || linear.chi2 >= least) continue;
    least = linear.chi2;
    start = { ...line, flux: linear.flux };
  }
  return start && fitFrom(band, psf, start);
}

function fitFrom(band: Band, psf: FinePsf, start: Trail): TrailFit | undefined {
  const unit = Math.abs(start.flux) || 1;
  const fit = minimise(
    ([x, y, length, angleRad, flux], normal, gradient) =>
      trailEquations(band, psf, { x, y, length, angleRad, flux: flux * unit }, unit, normal, gradient),
    [start.x, start.y, start.length, start.angleRad, start.flux / unit],
    15,
  );
  if (fit === undefined) return undefined;
  const [x, y, length, angleRad, flux] = fit.parameters;
  const error = (k: number): number => Math.sqrt(fit.covariance[k * 5 + k]);
  return {
    x,
    y,
    length: Math.abs(length),
    angleRad,
    flux: flux * unit,
    xErr: error(0),
    yErr: error(1),
    lengthErr: error(2),
    angleErrRad: error(3),
    fluxErr: error(4) * unit,
    chi2: fit.chi2,
    count: band.count,
  };
}

/** Flux and chi² of a trail whose geometry is given: the linear part of the fit alone. */
export function trailFlux(
  { count, xs, ys, data, weights }: Band,
  psf: FinePsf,
  { x, y, length, angleRad }: Line,
): { flux: number; fluxErr: number; chi2: number; count: number } | undefined {
  const sweep = sweepPsf(psf, angleRad);
  const cos = Math.cos(angleRad);
  const sin = Math.sin(angleRad);
  const half = Math.max(0.1, length / 2);
  let [product, square, power] = [0, 0, 0];
  for (let k = 0; k < count; k++) {
    power += weights[k] * data[k] * data[k];
    const dx = xs[k] - x;
    const dy = ys[k] - y;
    const along = dx * cos + dy * sin;
    if (!probe(sweep, along + half, along - half, dy * cos - dx * sin)) continue;
    const model = probed.swept / (2 * half);
    product += weights[k] * model * data[k];
    square += weights[k] * model * model;
  }
  if (!(square > 0)) return undefined;
  const flux = product / square;
  return { flux, fluxErr: 1 / Math.sqrt(square), chi2: power - (product * product) / square, count };
}

/**
 * With u along and v across the line, a trail is flux / length times the PSF's integral over u between its ends. Slopes
 * by x, y, length and flux are exact, that by the angle but for the PSF's own ellipticity.
 */
function trailEquations(
  { count, xs, ys, data, weights }: Band,
  psf: FinePsf,
  { x, y, length, angleRad, flux }: Trail,
  unit: number,
  normal: Float64Array,
  gradient: Float64Array,
): number {
  const sweep = sweepPsf(psf, angleRad);
  const cos = Math.cos(angleRad);
  const sin = Math.sin(angleRad);
  const half = Math.max(0.1, Math.abs(length) / 2);
  const density = flux / (2 * half);
  normal.fill(0);
  gradient.fill(0);
  const slopes = new Float64Array(5);
  let chi2 = 0;
  for (let k = 0; k < count; k++) {
    const dx = xs[k] - x;
    const dy = ys[k] - y;
    const u = dx * cos + dy * sin;
    const v = dy * cos - dx * sin;
    const weight = weights[k];
    if (!probe(sweep, u + half, u - half, v)) {
      chi2 += weight * data[k] * data[k];
      continue;
    }
    const alongSlope = density * (probed.front - probed.back);
    const acrossSlope = density * probed.sweptSlope;
    slopes[0] = sin * acrossSlope - cos * alongSlope;
    slopes[1] = -sin * alongSlope - cos * acrossSlope;
    slopes[2] =
      Math.sign(length) * density * ((probed.front + probed.back) / 2 - probed.swept / (2 * half)) || 0;
    slopes[3] = v * alongSlope - u * acrossSlope;
    slopes[4] = (unit * probed.swept) / (2 * half);
    const residual = data[k] - density * probed.swept;
    chi2 += weight * residual * residual;
    for (let a = 0; a < 5; a++) {
      const weighted = weight * slopes[a];
      gradient[a] += weighted * residual;
      for (let b = 0; b <= a; b++) normal[a * 5 + b] += weighted * slopes[b];
    }
  }
  for (let a = 0; a < 5; a++) for (let b = 0; b < a; b++) normal[b * 5 + a] = normal[a * 5 + b];
  return chi2;
}

/** A PSF turned so that its rows run along a line, each sample also summed up from the row's start. */
interface Sweep {
  readonly reach: number;
  readonly side: number;
  readonly values: Float64Array;
  readonly sums: Float64Array;
}

/** Samples a pixel. */
const FINENESS = 2;

/** Part of a PSF's stamp that a sweep sees: 1.8 FWHM, beyond which 3 % of the flux has next to no weight. */
const CORE = 0.7;

let last: { psf: FinePsf; angleRad: number; sweep: Sweep } | undefined;

/** Made once for all lengths at one angle. */
function sweepPsf(psf: FinePsf, angleRad: number): Sweep {
  if (last?.psf === psf && last.angleRad === angleRad) return last.sweep;
  const reach = Math.ceil(CORE * psf.half);
  const side = 2 * FINENESS * reach + 1;
  const values = new Float64Array(side * side);
  const sums = new Float64Array(side * side);
  const cos = Math.cos(angleRad) / FINENESS;
  const sin = Math.sin(angleRad) / FINENESS;
  const middle = FINENESS * reach;
  for (let j = 0, at = 0; j < side; j++) {
    let sum = 0;
    let before = 0;
    for (let i = 0; i < side; i++, at++) {
      const [u, v] = [i - middle, j - middle];
      const value = fineValue(psf, u * cos - v * sin, u * sin + v * cos);
      sum += (before + value) / (2 * FINENESS);
      before = value;
      values[at] = value;
      sums[at] = sum;
    }
  }
  const sweep = { reach, side, values, sums };
  last = { psf, angleRad, sweep };
  return sweep;
}

// What a pixel sees of a trail: the PSF swept from end to end, that by v, and the PSF at both ends.
const probed = { swept: 0, sweptSlope: 0, front: 0, back: 0 };

/** Fills `probed` for a pixel whose offsets from the trail's ends are u0 > u1, and v; false where the PSF does not reach. */
function probe({ reach, side, values, sums }: Sweep, u0: number, u1: number, v: number): boolean {
  if (!(u0 > -reach && u1 < reach && Math.abs(v) < reach)) return false;
  const fy = FINENESS * (v + reach);
  const row = Math.min(side - 2, fy | 0);
  const t = fy - row;
  const low = row * side;
  const high = low + side;
  const end = side - 1;
  const f0 = Math.min(end, FINENESS * (u0 + reach));
  const f1 = Math.max(0, FINENESS * (u1 + reach));
  const i0 = Math.min(side - 2, f0 | 0);
  const i1 = Math.min(side - 2, f1 | 0);
  const s0 = f0 - i0;
  const s1 = f1 - i1;
  const lower = between(sums, low + i0, s0) - between(sums, low + i1, s1);
  const upper = between(sums, high + i0, s0) - between(sums, high + i1, s1);
  probed.swept = lower + t * (upper - lower);
  probed.sweptSlope = FINENESS * (upper - lower);
  const front = between(values, low + i0, s0);
  const back = between(values, low + i1, s1);
  probed.front = front + t * (between(values, high + i0, s0) - front);
  probed.back = back + t * (between(values, high + i1, s1) - back);
  return true;
}

function between(samples: Float64Array, at: number, part: number): number {
  return samples[at] + part * (samples[at + 1] - samples[at]);
}
