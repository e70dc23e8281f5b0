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
  const sweep = sweepAlong(psf, angleRad);
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

/** With u along and v across the line, a trail is flux / length times the PSF's integral over u between its ends. */
function trailEquations(
  { count, xs, ys, data, weights }: Band,
  psf: FinePsf,
  { x, y, length, angleRad, flux }: Trail,
  unit: number,
  normal: Float64Array,
  gradient: Float64Array,
): number {
  const sweep = sweepAlong(psf, angleRad);
  const cos = Math.cos(angleRad);
  const sin = Math.sin(angleRad);
  const half = Math.max(0.1, Math.abs(length) / 2);
  const density = flux / (2 * half);
  const longer = Math.sign(length) * density;
  const brighter = unit / (2 * half);
  // Sums of products of the slopes by x, y, length, angle and flux, and of each with the residual.
  let [xx, xy, xl, xa, xf, yy, yl, ya, yf, ll, la, lf, aa, af, ff] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ];
  let [gx, gy, gl, ga, gf, chi2] = [0, 0, 0, 0, 0, 0];
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
    const { swept, front, back } = probed;
    const along = density * (front - back);
    const across = density * probed.sweptSlope;
    const x1 = sin * across - cos * along;
    const y1 = -sin * along - cos * across;
    const l1 = longer * ((front + back) / 2 - swept / (2 * half));
    const a1 = v * along - u * across;
    const f1 = brighter * swept;
    const residual = data[k] - density * swept;
    chi2 += weight * residual * residual;
    const [wx, wy, wl, wa, wf] = [weight * x1, weight * y1, weight * l1, weight * a1, weight * f1];
    gx += wx * residual;
    gy += wy * residual;
    gl += wl * residual;
    ga += wa * residual;
    gf += wf * residual;
    xx += wx * x1;
    xy += wx * y1;
    xl += wx * l1;
    xa += wx * a1;
    xf += wx * f1;
    yy += wy * y1;
    yl += wy * l1;
    ya += wy * a1;
    yf += wy * f1;
    ll += wl * l1;
    la += wl * a1;
    lf += wl * f1;
    aa += wa * a1;
    af += wa * f1;
    ff += wf * f1;
  }
  normal.set([
    xx,
    xy,
    xl,
    xa,
    xf,
    xy,
    yy,
    yl,
    ya,
    yf,
    xl,
    yl,
    ll,
    la,
    lf,
    xa,
    ya,
    la,
    aa,
    af,
    xf,
    yf,
    lf,
    af,
    ff,
  ]);
  gradient.set([gx, gy, gl, ga, gf]);
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

/** A PSF with an ellipticity of 0.1, turned by half of such a step (radians), differs by 0.3 % of its peak. */
const TURN = 1 / 16;

const sweeps = new WeakMap<FinePsf, Map<number, Sweep>>();

/** The PSF along the nearest of some directions, made once for each. */
function sweepAlong(psf: FinePsf, angleRad: number): Sweep {
  let turned = sweeps.get(psf);
  if (turned === undefined) {
    turned = new Map();
    sweeps.set(psf, turned);
  }
  const step = Math.round(angleRad / TURN);
  let sweep = turned.get(step);
  if (sweep === undefined) {
    sweep = sweepPsf(psf, step * TURN);
    turned.set(step, sweep);
  }
  return sweep;
}

function sweepPsf(psf: FinePsf, angleRad: number): Sweep {
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
  return { reach, side, values, sums };
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
