import { basisStamps, type KernelBasis } from './kernel-basis.ts';
import { UNUSABLE } from './masked-image.ts';
import type { SkyPlane } from './patch.ts';
import type { Workspace } from './workspace.ts';

/** Half side of a stamp: 33 px hold a star and what the 21 px kernel draws into it. */
export const STAMP_HALF = 16;

const SIDE = 2 * STAMP_HALF + 1;

/**
 * Stamps' shares of the normal equations. Each has the weighted products of [basis functions..., constant, target] with
 * each other: the lower triangle of `size` x `size`, row-major, of which the first n + 2 rows and columns count.
 */
export interface KernelStamps {
  readonly basis: KernelBasis;
  readonly size: number;
  readonly stamps: readonly KernelStamp[];
  /** Sums of the products of every two basis functions, n x n: times a stamp's `noise`, what that adds to its products. */
  readonly overlaps: Float64Array;
}

export interface KernelStamp {
  readonly x: number;
  readonly y: number;
  readonly products: Float64Array;
  /** The source's sky variance times the sum of the weights. */
  readonly noise: number;
  /** Number of pixels. */
  readonly count: number;
}

/** Stamps a cell, and how many of them there may be: 400 determine 292 unknowns many times over. */
const PER_CELL = 3;
const MOST_STAMPS = 400;

/**
 * Where to put stamps: the brightest objects of every cell (up to 3; cells of 128 px, larger on large detectors), which
 * do not overlap, with no unusable pixel of either image in the stamp and in the kernel's reach around it.
 */
export function stampPositions(
  objects: readonly { x: number; y: number }[],
  target: SkyPlane,
  source: SkyPlane,
  kernelHalf: number,
): { x: number; y: number }[] {
  const cell = Math.max(128, Math.sqrt((PER_CELL * target.width * target.height) / MOST_STAMPS));
  const counts = new Map<number, number>();
  const chosen: { x: number; y: number }[] = [];
  for (const object of objects) {
    const x = Math.round(object.x);
    const y = Math.round(object.y);
    const key = Math.floor(y / cell) * 4096 + Math.floor(x / cell);
    const used = counts.get(key) ?? 0;
    if (used >= PER_CELL) continue;
    // Neighbours closer than half a stamp are already part of the stamp that holds them.
    if (chosen.some((other) => Math.abs(other.x - x) <= STAMP_HALF && Math.abs(other.y - y) <= STAMP_HALF))
      continue;
    if (!isClean(target, x, y, STAMP_HALF) || !isClean(source, x, y, STAMP_HALF + kernelHalf)) continue;
    counts.set(key, used + 1);
    chosen.push({ x, y });
  }
  return chosen;
}

function isClean({ width, height, mask }: SkyPlane, x: number, y: number, reach: number): boolean {
  if (x < reach || y < reach || x + reach >= width || y + reach >= height) return false;
  for (let j = y - reach; j <= y + reach; j++) {
    for (let i = x - reach; i <= x + reach; i++) if ((mask[j * width + i] & UNUSABLE) !== 0) return false;
  }
  return true;
}

/**
 * Products of stamps of `source` convolved with each basis function, with each other and with `target`.
 *
 * @param positions at least STAMP_HALF + basis.half from every border
 * @param weigh inverse variance of a target pixel by its flux and the sky variances of target and source there
 */
export function buildStamps(
  workspace: Workspace,
  source: SkyPlane,
  target: SkyPlane,
  basis: KernelBasis,
  positions: readonly { x: number; y: number }[],
  weigh: (flux: number, targetVariance: number, sourceVariance: number) => number,
): KernelStamps {
  const { half, functions } = basis;
  const reach = STAMP_HALF + half;
  const [patchSize, stampSize] = [(2 * reach + 1) ** 2, SIDE * SIDE];
  const patches = workspace.floats(positions.length * patchSize);
  const goals = workspace.floats(positions.length * stampSize);
  const roots = workspace.floats(positions.length * stampSize);
  const noise = positions.map(({ x, y }, k) => {
    copySquare(source, x, y, reach, patches, k * patchSize);
    copySquare(target, x, y, STAMP_HALF, goals, k * stampSize);
    return weighStamp(source, target, x, y, goals, roots, k * stampSize, weigh);
  });
  const passes = filterPasses(workspace, basis);
  // Blocks of three, as the kernel sums them.
  const size = 3 * Math.ceil((functions.length + 2) / 3);
  const products = workspace.doubles(positions.length * size * size);
  workspace.strips('stampProducts', positions.length, [
    patches.byteOffset,
    goals.byteOffset,
    roots.byteOffset,
    half,
    passes.rowTaps.byteOffset,
    passes.rowCount,
    passes.columnTaps.byteOffset,
    passes.functions.byteOffset,
    functions.length,
    products.byteOffset,
    size,
  ]);
  const stamps = positions.map(({ x, y }, k) => ({
    x,
    y,
    products: products.slice(k * size * size, (k + 1) * size * size),
    noise: noise[k],
    count: stampSize,
  }));
  workspace.release(patches, goals, roots, products, passes.rowTaps, passes.columnTaps, passes.functions);
  return { basis, size, stamps, overlaps: basisOverlaps(basis) };
}

/** Taps and order of a basis's passes, in the workspace. A row pass is shared by the functions of its power of x. */
function filterPasses(
  workspace: Workspace,
  { half, functions, rows }: KernelBasis,
): { rowTaps: Float32Array; rowCount: number; columnTaps: Float32Array; functions: Int32Array } {
  const taps = 2 * half + 1;
  const firsts = rows.map((_, g) => rows.slice(0, g).reduce((count, powers) => count + powers.length, 0));
  const powers = rows.map((of) => of.map(withoutTails));
  const passes = powers.flat();
  const rowTaps = workspace.floats(passes.length * taps);
  // A convolution's first tap multiplies the last pixel.
  passes.forEach((row, k) => {
    for (let i = 0; i < taps; i++) rowTaps[k * taps + i] = row[taps - 1 - i];
  });
  const columnTaps = workspace.floats(functions.length * taps);
  const order = workspace.integers(2 * functions.length);
  functions.forEach(({ gaussian, px, py, scale, subtract }, k) => {
    for (let i = 0; i < taps; i++) columnTaps[k * taps + i] = scale * powers[gaussian][py][taps - 1 - i];
    order[2 * k] = firsts[gaussian] + px;
    order[2 * k + 1] = subtract;
  });
  return { rowTaps, rowCount: passes.length, columnTaps, functions: order };
}

/**
 * Without values of no weight: a narrow Gaussian's are below 1e-38 in f32 at its ends, and products with such numbers take
 * a processor a hundred times as long.
 */
function withoutTails(row: Float64Array): Float64Array {
  const least = 1e-10 * row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return row.map((value) => (Math.abs(value) < least ? 0 : value));
}

function copySquare(
  { image, width }: SkyPlane,
  x: number,
  y: number,
  half: number,
  to: Float32Array,
  at: number,
): void {
  const side = 2 * half + 1;
  for (let j = 0; j < side; j++) {
    const from = (y - half + j) * width + x - half;
    to.set(image.subarray(from, from + side), at + j * side);
  }
}

/** Skies vary by cells of 128 px: every fourth pixel's variance will do. */
const VARIANCE_STEP = 4;

/** Roots of the weights of a stamp's pixels; answers what the source's noise adds to products of unit overlap. */
function weighStamp(
  source: SkyPlane,
  target: SkyPlane,
  x: number,
  y: number,
  goals: Float32Array,
  roots: Float32Array,
  at: number,
  weigh: (flux: number, targetVariance: number, sourceVariance: number) => number,
): number {
  let total = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let j = 0; j < SIDE; j += VARIANCE_STEP) {
    for (let i = 0; i < SIDE; i += VARIANCE_STEP) {
      const [px, py] = [x - STAMP_HALF + i, y - STAMP_HALF + j];
      const [ofTarget, ofSource] = [target.varianceAt(px, py), source.varianceAt(px, py)];
      // The sky's: where the variance holds the photons of the star too, they are left out.
      least = Math.min(least, ofSource);
      for (let l = j; l < Math.min(SIDE, j + VARIANCE_STEP); l++) {
        for (let k = i; k < Math.min(SIDE, i + VARIANCE_STEP); k++) {
          const weight = weigh(goals[at + l * SIDE + k], ofTarget, ofSource);
          roots[at + l * SIDE + k] = Math.sqrt(weight);
          total += weight;
        }
      }
    }
  }
  return least * total;
}

/** Sums of the products of every two basis functions, row-major: covariance of white noise convolved with them. */
function basisOverlaps(basis: KernelBasis): Float64Array {
  const stamps = basisStamps(basis);
  const n = stamps.length;
  const overlaps = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    for (let l = 0; l <= k; l++) {
      let sum = 0;
      for (let i = 0; i < stamps[k].length; i++) sum += stamps[k][i] * stamps[l][i];
      overlaps[k * n + l] = sum;
      overlaps[l * n + k] = sum;
    }
  }
  return overlaps;
}
