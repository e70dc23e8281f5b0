import type { Kernel } from './convolve.ts';
import { basisStamps, type KernelBasis } from './kernel-basis.ts';
import type { KernelStamp } from './kernel-stamps.ts';
import { solveSymmetric } from './linear-algebra.ts';
import { polynomialTerms, termCount } from './polynomial.ts';
import { median } from './statistics.ts';

/** A matching kernel that varies over the image, and how well it fits. */
export interface MatchingKernel {
  readonly basis: KernelBasis;
  readonly order: number;
  readonly width: number;
  readonly height: number;
  /** Coefficient of the first function, then termCount(order) a further function, then the background's. */
  readonly solution: Float64Array;
  /** Photometric scale: the sum of the kernel everywhere. */
  readonly sum: number;
  readonly stampCount: number;
  /** Median over the stamps of chi² a pixel. */
  readonly chi2: number;
  /** Relative scatter of the scale that each stamp alone would give. */
  readonly sumScatter: number;
}

/** The kernel at a position. */
export function kernelAt(
  kernel: MatchingKernel,
  stamps: readonly Float64Array[],
  x: number,
  y: number,
): Kernel {
  const { basis, order, solution } = kernel;
  const terms = polynomialTerms(order, x, y, kernel.width, kernel.height);
  const values = stamps[0].map((value) => value * solution[0]);
  for (let k = 1; k < basis.functions.length; k++) {
    let coefficient = 0;
    for (let t = 0; t < terms.length; t++) coefficient += terms[t] * solution[1 + (k - 1) * terms.length + t];
    for (let i = 0; i < values.length; i++) values[i] += coefficient * stamps[k][i];
  }
  return { half: basis.half, values };
}

/** Evaluates the kernel with the stamps of its basis made once. */
export function kernelEvaluator(kernel: MatchingKernel): (x: number, y: number) => Kernel {
  const stamps = basisStamps(kernel.basis);
  return (x, y) => kernelAt(kernel, stamps, x, y);
}

/** Rounds of leaving out stamps (variables, cosmic rays, misfits) beyond 3 sigma of the median chi². */
const ROUNDS = 4;

/**
 * Solves for the kernel on all stamps: spatial order 2 from 60 stamps, 1 from 20, else 0; differential background of
 * order 1 (0 below 20 stamps). Undefined with fewer than 3 stamps (LSST minKernelSources) or a singular system.
 */
export function fitKernel(
  candidates: readonly KernelStamp[],
  basis: KernelBasis,
  width: number,
  height: number,
): MatchingKernel | undefined {
  let stamps = [...candidates];
  const parts = shareNoise(stamps, basis, width, height) ? [0] : REMOVED_NOISE;
  for (let round = 0; ; round++) {
    if (stamps.length < 3) return undefined;
    const order = spatialOrder(stamps.length);
    const solution = solve(parts, stamps, basis, order, width, height);
    if (solution === undefined) return undefined;
    const chi2 = stamps.map((stamp) => stampChi2(stamp, solution, basis, order, width, height) / stamp.count);
    const centre = median(chi2);
    const spread = 1.4826 * median(chi2.map((value) => Math.abs(value - centre)));
    const limit = centre + 3 * Math.max(spread, 0.05 * centre);
    const kept = stamps.filter((_, i) => chi2[i] <= limit);
    if (round === ROUNDS || kept.length === stamps.length || kept.length < 3) {
      const sumScatter = scatterOfSums(stamps, solution, basis, order, width, height);
      return {
        basis,
        order,
        width,
        height,
        solution,
        sum: solution[0],
        stampCount: stamps.length,
        chi2: centre,
        sumScatter,
      };
    }
    stamps = kept;
  }
}

function spatialOrder(stampCount: number): number {
  return stampCount >= 60 ? 2 : stampCount >= 20 ? 1 : 0;
}

/** chi² a pixel far below 1 means that the images hold the same noise, which is signal then: an image and its copy. */
function shareNoise(
  stamps: readonly KernelStamp[],
  basis: KernelBasis,
  width: number,
  height: number,
): boolean {
  if (stamps.length < 3) return false;
  const order = spatialOrder(stamps.length);
  const solution = solve([0], stamps, basis, order, width, height);
  if (solution === undefined) return false;
  return (
    median(stamps.map((stamp) => stampChi2(stamp, solution, basis, order, width, height) / stamp.count)) < 0.1
  );
}

function backgroundOrder(order: number): number {
  return order === 0 ? 0 : 1;
}

/**
 * How much of the source's noise to take out of the normal equations, most first. Left in, it acts like a ridge:
 * convolving a noisy science image gave kernels 1 to 2 % too small and -10 sigma at every bright star. Not all of it,
 * since the noise itself scatters by 1 %. A warped template's noise is not white, so that among many faint stamps the
 * narrowest functions would lose more than they have, and the equations their definiteness: then less, or none.
 */
const REMOVED_NOISE = [0.9, 0.5, 0];

function solve(
  parts: readonly number[],
  stamps: readonly KernelStamp[],
  basis: KernelBasis,
  order: number,
  width: number,
  height: number,
): Float64Array | undefined {
  for (const removed of parts) {
    const solution = solveWithout(removed, stamps, basis, order, width, height);
    if (solution !== undefined) return solution;
  }
  return undefined;
}

function solveWithout(
  removed: number,
  stamps: readonly KernelStamp[],
  basis: KernelBasis,
  order: number,
  width: number,
  height: number,
): Float64Array | undefined {
  const n = basis.functions.length;
  const terms = termCount(order);
  const backgroundTerms = termCount(backgroundOrder(order));
  const unknowns = 1 + (n - 1) * terms + backgroundTerms;
  const normal = new Float64Array(unknowns * unknowns);
  const right = new Float64Array(unknowns);
  const m = n + 1;
  for (const stamp of stamps) {
    const { index, factor } = expansion(stamp, n, order, width, height);
    const gram = stamp.gram.map((product, i) => product - removed * stamp.noise[i]);
    for (let a = 0; a < unknowns; a++) {
      const gramRow = index[a] * m;
      const fa = factor[a];
      right[a] += fa * stamp.right[index[a]];
      for (let b = 0; b <= a; b++) normal[a * unknowns + b] += fa * factor[b] * gram[gramRow + index[b]];
    }
  }
  for (let a = 0; a < unknowns; a++)
    for (let b = 0; b < a; b++) normal[b * unknowns + a] = normal[a * unknowns + b];
  return solveSymmetric(normal, right);
}

/** For each unknown the column of the stamp that it multiplies and the polynomial term it multiplies it with. */
function expansion(
  stamp: { x: number; y: number },
  n: number,
  order: number,
  width: number,
  height: number,
): { index: Int32Array; factor: Float64Array } {
  const spatial = polynomialTerms(order, stamp.x, stamp.y, width, height);
  const background = polynomialTerms(backgroundOrder(order), stamp.x, stamp.y, width, height);
  const size = 1 + (n - 1) * spatial.length + background.length;
  const index = new Int32Array(size);
  const factor = new Float64Array(size);
  factor[0] = 1;
  let at = 1;
  for (let k = 1; k < n; k++) {
    for (const term of spatial) {
      index[at] = k;
      factor[at++] = term;
    }
  }
  for (const term of background) {
    index[at] = n;
    factor[at++] = term;
  }
  return { index, factor };
}

/** Coefficients of the stamp's own columns that the solution means at its position. */
function localCoefficients(
  stamp: KernelStamp,
  solution: Float64Array,
  basis: KernelBasis,
  order: number,
  width: number,
  height: number,
): Float64Array {
  const n = basis.functions.length;
  const { index, factor } = expansion(stamp, n, order, width, height);
  const local = new Float64Array(n + 1);
  for (let a = 0; a < solution.length; a++) local[index[a]] += factor[a] * solution[a];
  return local;
}

function stampChi2(
  stamp: KernelStamp,
  solution: Float64Array,
  basis: KernelBasis,
  order: number,
  width: number,
  height: number,
): number {
  const c = localCoefficients(stamp, solution, basis, order, width, height);
  const m = c.length;
  let chi2 = stamp.power;
  for (let k = 0; k < m; k++) {
    chi2 -= 2 * c[k] * stamp.right[k];
    for (let l = 0; l < m; l++) chi2 += c[k] * c[l] * stamp.gram[k * m + l];
  }
  return chi2;
}

/** Each stamp's best factor of the fitted model around 1: a photometric scale that scatters is a bad match. */
function scatterOfSums(
  stamps: readonly KernelStamp[],
  solution: Float64Array,
  basis: KernelBasis,
  order: number,
  width: number,
  height: number,
): number {
  const measured = stamps.map((stamp) => {
    const c = localCoefficients(stamp, solution, basis, order, width, height);
    const m = c.length;
    const background = c[m - 1];
    let product = 0;
    let square = 0;
    for (let k = 0; k < m - 1; k++) {
      product += c[k] * (stamp.right[k] - background * stamp.gram[k * m + m - 1]);
      for (let l = 0; l < m - 1; l++) square += c[k] * c[l] * stamp.gram[k * m + l];
    }
    return { factor: product / square, snr: Math.sqrt(square) };
  });
  // Faint stamps scatter by their own noise: those of S/N 50 and more tell, or the ten best.
  measured.sort((a, b) => b.snr - a.snr);
  const factors = measured.filter(({ snr }, k) => snr > 50 || k < 10).map(({ factor }) => factor);
  const centre = median(factors);
  return 1.4826 * median(factors.map((factor) => Math.abs(factor / centre - 1)));
}

/** The fitted differential background as a plane: constant + perX x + perY y. */
export function kernelBackground({ width, height, order, solution }: MatchingKernel): {
  constant: number;
  perX: number;
  perY: number;
} {
  const first = solution.length - termCount(backgroundOrder(order));
  if (backgroundOrder(order) === 0) return { constant: solution[first], perX: 0, perY: 0 };
  const [level, u, v] = solution.subarray(first, first + 3);
  // u and v run from -1 to 1 over the image.
  return { constant: level - u - v, perX: (2 * u) / (width - 1), perY: (2 * v) / (height - 1) };
}
