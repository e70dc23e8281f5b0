import { basisStamps, type KernelBasis } from './kernel-basis.ts';
import { type MaskedImage, UNUSABLE } from './masked-image.ts';

/** Half side of a stamp: 33 px hold a star and what the 21 px kernel draws into it. */
export const STAMP_HALF = 16;

const SIDE = 2 * STAMP_HALF + 1;

/** A stamp's share of the normal equations: products of [basis functions..., constant] and with the target. */
export interface KernelStamp {
  readonly x: number;
  readonly y: number;
  /** Row-major (n + 1)² for n basis functions and the constant. */
  readonly gram: Float64Array;
  /** What the source's noise, were it white, has added to the products of the basis functions; like `gram`. */
  readonly noise: Float64Array;
  readonly right: Float64Array;
  /** Weighted sum of the squared target and number of pixels. */
  readonly power: number;
  readonly count: number;
}

/** Stamps a cell, and how many of them there may be: 400 determine 292 unknowns many times over, in 3 s. */
const PER_CELL = 3;
const MOST_STAMPS = 400;

/**
 * Where to put stamps: the brightest objects of every cell (up to 3; cells of 128 px, larger on large detectors), which
 * do not overlap, with no unusable pixel of either image in the stamp and in the kernel's reach around it.
 */
export function stampPositions(
  objects: readonly { x: number; y: number }[],
  a: MaskedImage,
  b: MaskedImage,
  kernelHalf: number,
): { x: number; y: number }[] {
  const cell = Math.max(128, Math.sqrt((PER_CELL * a.width * a.height) / MOST_STAMPS));
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
    if (!isClean(a, x, y, STAMP_HALF) || !isClean(b, x, y, STAMP_HALF + kernelHalf)) continue;
    counts.set(key, used + 1);
    chosen.push({ x, y });
  }
  return chosen;
}

function isClean({ width, height, mask }: MaskedImage, x: number, y: number, reach: number): boolean {
  if (x < reach || y < reach || x + reach >= width || y + reach >= height) return false;
  for (let j = y - reach; j <= y + reach; j++) {
    for (let i = x - reach; i <= x + reach; i++) if ((mask[j * width + i] & UNUSABLE) !== 0) return false;
  }
  return true;
}

/**
 * Products of a stamp of `source` convolved with each basis function, with each other and with `target`.
 *
 * @param weights inverse variances, an image of the same size
 * @param overlaps from basisOverlaps
 */
export function buildStamp(
  source: MaskedImage,
  target: MaskedImage,
  weights: Float32Array,
  basis: KernelBasis,
  overlaps: Float64Array,
  x: number,
  y: number,
): KernelStamp {
  const columns = convolveStamp(source, basis, x, y);
  const n = columns.length;
  const size = SIDE * SIDE;
  const weight = new Float64Array(size);
  const goal = new Float64Array(size);
  for (let j = 0; j < SIDE; j++) {
    const row = (y - STAMP_HALF + j) * target.width + x - STAMP_HALF;
    for (let i = 0; i < SIDE; i++) {
      weight[j * SIDE + i] = weights[row + i];
      goal[j * SIDE + i] = target.image[row + i];
    }
  }
  const m = n + 1;
  const all = [...columns, new Float64Array(size).fill(1)];
  const gram = new Float64Array(m * m);
  const right = new Float64Array(m);
  const weighted = new Float64Array(size);
  for (let k = 0; k < m; k++) {
    const column = all[k];
    for (let i = 0; i < size; i++) weighted[i] = column[i] * weight[i];
    for (let l = 0; l <= k; l++) {
      const other = all[l];
      let sum = 0;
      for (let i = 0; i < size; i++) sum += weighted[i] * other[i];
      gram[k * m + l] = sum;
      gram[l * m + k] = sum;
    }
    let sum = 0;
    for (let i = 0; i < size; i++) sum += weighted[i] * goal[i];
    right[k] = sum;
  }
  const noise = noiseProducts(overlaps, n, source, weight, x, y);
  let power = 0;
  for (let i = 0; i < size; i++) power += weight[i] * goal[i] * goal[i];
  return { x, y, gram, noise, right, power, count: size };
}

/** Sums of the products of every two basis functions, row-major: covariance of white noise convolved with them. */
export function basisOverlaps(basis: KernelBasis): Float64Array {
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

function noiseProducts(
  overlaps: Float64Array,
  n: number,
  source: MaskedImage,
  weight: Float64Array,
  x: number,
  y: number,
): Float64Array {
  // The sky's variance, from the corners: at the centre stands the star's own.
  const corners = [-STAMP_HALF, STAMP_HALF].flatMap((j) =>
    [-STAMP_HALF, STAMP_HALF].map((i) => source.variance[(y + j) * source.width + x + i]),
  );
  const sum = Math.min(...corners) * weight.reduce((total, value) => total + value, 0);
  const products = new Float64Array((n + 1) * (n + 1));
  for (let k = 0; k < n; k++) {
    for (let l = 0; l < n; l++) products[k * (n + 1) + l] = sum * overlaps[k * n + l];
  }
  return products;
}

/** The stamp convolved with every basis function, row pass and column pass shared between functions. */
function convolveStamp(source: MaskedImage, basis: KernelBasis, x: number, y: number): Float64Array[] {
  const { half } = basis;
  const tall = SIDE + 2 * half;
  const rowPasses = basis.rows.map((powers) =>
    powers.map((taps) => {
      const out = new Float64Array(tall * SIDE);
      for (let j = 0; j < tall; j++) {
        const row = (y - STAMP_HALF - half + j) * source.width + x - STAMP_HALF;
        for (let i = 0; i < SIDE; i++) {
          let sum = 0;
          for (let k = -half; k <= half; k++) sum += taps[half - k] * source.image[row + i + k];
          out[j * SIDE + i] = sum;
        }
      }
      return out;
    }),
  );
  const columns: Float64Array[] = [];
  for (const { gaussian, px, py, scale, subtract } of basis.functions) {
    const rows = rowPasses[gaussian][px];
    const taps = basis.rows[gaussian][py];
    const out = new Float64Array(SIDE * SIDE);
    for (let k = -half; k <= half; k++) {
      const tap = taps[half - k] * scale;
      const offset = (half + k) * SIDE;
      for (let i = 0; i < out.length; i++) out[i] += tap * rows[offset + i];
    }
    if (subtract === 1) for (let i = 0; i < out.length; i++) out[i] -= columns[0][i];
    columns.push(out);
  }
  return columns;
}
