import type { Kernel } from './convolve.ts';
import { basisStamps, type KernelBasis } from './kernel-basis.ts';
import {
  backgroundOrder,
  type KernelEquations,
  kernelEquations,
  localCoefficients,
} from './kernel-equations.ts';
import type { KernelStamp, KernelStamps } from './kernel-stamps.ts';
import { polynomialTerms, termCount } from './polynomial.ts';
import { median } from './statistics.ts';
import type { Workspace } from './workspace.ts';

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
  /** Condition number of the normal equations, from below. */
  readonly condition: number;
}

/** Evaluates the kernel at positions, from one stamp for each spatial term made once. */
export function kernelEvaluator(kernel: MatchingKernel): (x: number, y: number) => Kernel {
  const { basis, order, width, height, solution } = kernel;
  const count = termCount(order);
  const stamps = basisStamps(basis);
  const planes = Array.from({ length: count }, (_, t) => {
    const plane =
      t === 0 ? stamps[0].map((value) => value * solution[0]) : new Float64Array(stamps[0].length);
    for (let k = 1; k < stamps.length; k++) addScaled(plane, stamps[k], solution[1 + (k - 1) * count + t]);
    return plane;
  });
  return (x, y) => {
    const terms = polynomialTerms(order, x, y, width, height);
    const values = Float64Array.from(planes[0]);
    for (let t = 1; t < count; t++) addScaled(values, planes[t], terms[t]);
    return { half: basis.half, values };
  };
}

function addScaled(to: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * values[i];
}

/** Rounds of leaving out stamps (variables, cosmic rays, misfits) beyond 3 sigma of the median chi². */
const ROUNDS = 4;

/**
 * Solves for the kernel on all stamps: spatial order 2 from 60 stamps, 1 from 20, else 0; differential background of
 * order 1 (0 below 20 stamps). Undefined with fewer than 3 stamps (LSST minKernelSources) or a singular system.
 */
export function fitKernel(
  workspace: Workspace,
  candidates: KernelStamps,
  width: number,
  height: number,
): MatchingKernel | undefined {
  if (candidates.stamps.length < 3) return undefined;
  const highest = spatialOrder(candidates.stamps.length);
  const equations = kernelEquations(workspace, candidates, width, height, highest);
  const kernel = fitInRounds(equations, candidates, width, height);
  equations.release();
  return kernel;
}

function fitInRounds(
  equations: KernelEquations,
  { basis, size, stamps: candidates }: KernelStamps,
  width: number,
  height: number,
): MatchingKernel | undefined {
  const functionCount = basis.functions.length;
  let stamps = candidates;
  const localOf = (solution: Float64Array, order: number): Float64Array[] =>
    stamps.map((stamp) => localCoefficients(solution, functionCount, order, stamp, width, height));
  const chi2Of = (solution: Float64Array, order: number): number[] =>
    localOf(solution, order).map((local, i) => stampChi2(stamps[i], size, local) / stamps[i].count);
  let parts = shareNoise(equations, spatialOrder(stamps.length), chi2Of) ? [0] : REMOVED_NOISE;
  for (let round = 0; ; round++) {
    const order = spatialOrder(stamps.length);
    const { solution, part } = solve(equations, order, parts);
    if (solution === undefined) return undefined;
    const condition = equations.condition();
    // What was too much will not be less without some stamps.
    parts = parts.slice(part);
    const chi2 = chi2Of(solution, order);
    const centre = median(chi2);
    const spread = 1.4826 * median(chi2.map((value) => Math.abs(value - centre)));
    const limit = centre + 3 * Math.max(spread, 0.05 * centre);
    const kept = stamps.filter((_, i) => chi2[i] <= limit);
    if (round === ROUNDS || kept.length === stamps.length || kept.length < 3) {
      const sumScatter = scatterOfSums(stamps, size, localOf(solution, order));
      const [sum, stampCount] = [solution[0], stamps.length];
      const fit = { basis, order, width, height, solution, sum, stampCount, chi2: centre, sumScatter };
      return { ...fit, condition };
    }
    stamps.forEach((stamp, i) => {
      if (chi2[i] > limit) equations.subtract(stamp);
    });
    stamps = kept;
  }
}

function spatialOrder(stampCount: number): number {
  return stampCount >= 60 ? 2 : stampCount >= 20 ? 1 : 0;
}

/** chi² a pixel far below 1 means that the images hold the same noise, which is signal then: an image and its copy. */
function shareNoise(
  equations: KernelEquations,
  order: number,
  chi2Of: (solution: Float64Array, order: number) => number[],
): boolean {
  const solution = equations.solve(order, 0);
  return solution !== undefined && median(chi2Of(solution, order)) < 0.1;
}

/**
 * How much of the source's noise to take out of the normal equations, most first. Left in, it acts like a ridge:
 * convolving a noisy science image gave kernels 1 to 2 % too small and -10 sigma at every bright star. Not all of it,
 * since the noise itself scatters by 1 %. A warped template's noise is not white, so that among many faint stamps the
 * narrowest functions would lose more than they have, and the equations their definiteness: then less, or none.
 */
const REMOVED_NOISE = [0.9, 0.5, 0];

/** The solution with the first of the parts that leaves the equations definite, and which that was. */
function solve(
  equations: KernelEquations,
  order: number,
  parts: readonly number[],
): { solution: Float64Array | undefined; part: number } {
  for (const [part, removed] of parts.entries()) {
    const solution = equations.solve(order, removed);
    if (solution !== undefined) return { solution, part };
  }
  return { solution: undefined, part: parts.length };
}

/** Weighted sum of squares of the target less the model, which is a form of the stamp's products. */
function stampChi2({ products }: KernelStamp, size: number, local: Float64Array): number {
  const residual = Float64Array.from([...local.map((value) => -value), 1]);
  return form(products, size, residual, residual);
}

/** aᵀ P b with P given by its lower triangle. */
function form(products: Float64Array, size: number, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) {
    const row = k * size;
    let [withA, withB] = [0, 0];
    for (let l = 0; l < k; l++) {
      withA += products[row + l] * a[l];
      withB += products[row + l] * b[l];
    }
    sum += a[k] * withB + b[k] * withA + a[k] * b[k] * products[row + k];
  }
  return sum;
}

/** Each stamp's best factor of the fitted model around 1: a photometric scale that scatters is a bad match. */
function scatterOfSums(stamps: readonly KernelStamp[], size: number, local: readonly Float64Array[]): number {
  const measured = stamps.map(({ products }, i) => {
    const background = local[i].length - 1;
    const model = new Float64Array(background + 2);
    model.set(local[i].subarray(0, background));
    const goal = new Float64Array(model.length);
    goal[background] = -local[i][background];
    goal[background + 1] = 1;
    const square = form(products, size, model, model);
    return { factor: form(products, size, model, goal) / square, snr: Math.sqrt(square) };
  });
  // Faint stamps scatter by their own noise: those of S/N 50 and more tell, or the ten best.
  measured.sort((a, b) => b.snr - a.snr);
  const factors = measured.filter(({ snr }, k) => snr > 50 || k < 10).map(({ factor }) => factor);
  const centre = median(factors);
  return 1.4826 * median(factors.map((factor) => Math.abs(factor / centre - 1)));
}

/** The fitted differential background at pixel (x, y): constant + perX x + perY y. */
export function kernelBackground(kernel: MatchingKernel): { constant: number; perX: number; perY: number } {
  const { width, height, solution } = kernel;
  const order = backgroundOrder(kernel.order);
  const [level, u = 0, v = 0] = solution.subarray(solution.length - termCount(order));
  return { constant: level - u - v, perX: (2 * u) / (width - 1), perY: (2 * v) / (height - 1) };
}
