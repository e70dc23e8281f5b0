import type { KernelStamp, KernelStamps } from './kernel-stamps.ts';
import { polynomialTerms, termCount } from './polynomial.ts';
import type { Workspace } from './workspace.ts';

/** Spatial order of the differential background that goes with a kernel's. */
export function backgroundOrder(order: number): number {
  return order === 0 ? 0 : 1;
}

/**
 * The normal equations of a kernel that varies over the image, kept as moments: for every product of two spatial terms,
 * which is a monomial of position, the sum over the stamps of that monomial times the stamp's products. 15 such sums
 * make the 292² equations of order 2, and a stamp that is left out is subtracted from them.
 */
export interface KernelEquations {
  subtract(stamp: KernelStamp): void;
  /**
   * Coefficient of the first function, then termCount(order) a further function, then the background's.
   *
   * @param order at most that of the equations
   * @param removed part of the source's noise to take out
   * @returns undefined when the equations are not positive definite
   */
  solve(order: number, removed: number): Float64Array | undefined;
  /** Lower bound of the condition number of the equilibrated equations that were solved last, from their factor. */
  condition(): number;
  /** Gives their memory back. */
  release(): void;
}

/** Added to the diagonal of the equilibrated equations. */
const RIDGE = 1e-10;

export function kernelEquations(
  workspace: Workspace,
  { basis, size, stamps, overlaps }: KernelStamps,
  width: number,
  height: number,
  highestOrder: number,
): KernelEquations {
  const functionCount = basis.functions.length;
  const count = termCount(2 * highestOrder);
  // Even, as the kernel adds them in pairs.
  const length = 2 * Math.ceil((size * size) / 2);
  const moments = workspace.doubles(count * length).fill(0);
  const products = workspace.doubles(length).fill(0);
  const factors = workspace.doubles(count);
  const noise = new Float64Array(count);
  const most = unknownsOf(functionCount, highestOrder).columns.length;
  const [normal, right, scale] = [most * most, most, most].map((size) => workspace.doubles(size));
  const add = (stamp: KernelStamp, sign: 1 | -1): void => {
    const monomials = polynomialTerms(2 * highestOrder, stamp.x, stamp.y, width, height);
    for (let p = 0; p < count; p++) {
      factors[p] = sign * monomials[p];
      noise[p] += factors[p] * stamp.noise;
    }
    products.set(stamp.products);
    const { byteOffset } = products;
    workspace.run('addMoments', byteOffset, length, factors.byteOffset, moments.byteOffset, count);
  };
  for (const stamp of stamps) add(stamp, 1);
  let unknownCount = 0;
  return {
    subtract: (stamp) => add(stamp, -1),
    solve(order, removed) {
      const unknowns = unknownsOf(functionCount, order);
      unknownCount = unknowns.columns.length;
      const sums = { moments, length, size, noise, overlaps, functionCount };
      assemble(sums, unknowns, removed, normal, right);
      const [a, b, c] = [normal, right, scale].map(({ byteOffset }) => byteOffset);
      const isSolved = workspace.run('solveDefinite', a, b, c, unknownCount, RIDGE) === 1;
      return isSolved ? right.slice(0, unknownCount) : undefined;
    },
    condition() {
      const pivots = Array.from({ length: unknownCount }, (_, k) => normal[k * unknownCount + k]);
      return (Math.max(...pivots) / Math.min(...pivots)) ** 2;
    },
    release: () => workspace.release(moments, products, factors, normal, right, scale),
  };
}

interface Sums {
  /** One after the other, each `length` values, of which the first `size`² count. */
  readonly moments: Float64Array;
  readonly length: number;
  readonly size: number;
  /** Of every moment. */
  readonly noise: Float64Array;
  readonly overlaps: Float64Array;
  readonly functionCount: number;
}

/** The lower triangle of the normal matrix, and the right side. */
function assemble(
  { moments, length, size, noise, overlaps, functionCount }: Sums,
  { columns, terms }: Unknowns,
  removed: number,
  normal: Float64Array,
  right: Float64Array,
): void {
  for (let a = 0; a < columns.length; a++) {
    const k = columns[a];
    right[a] = moments[terms[a] * length + (functionCount + 1) * size + k];
    for (let b = 0; b <= a; b++) {
      const l = columns[b];
      const p = PRODUCT[terms[a] * LINE + terms[b]];
      const ofNoise = k < functionCount ? removed * noise[p] * overlaps[k * functionCount + l] : 0;
      normal[a * columns.length + b] = moments[p * length + k * size + l] - ofNoise;
    }
  }
}

interface Unknowns {
  readonly columns: Int32Array;
  readonly terms: Int32Array;
}

/** For each unknown the column of the stamps that it multiplies and the spatial term that it multiplies it with. */
function unknownsOf(functionCount: number, order: number): Unknowns {
  const columns: number[] = [];
  const terms: number[] = [];
  for (let column = 0; column <= functionCount; column++) {
    const count = column === 0 ? 1 : termCount(column < functionCount ? order : backgroundOrder(order));
    for (let term = 0; term < count; term++) {
      columns.push(column);
      terms.push(term);
    }
  }
  return { columns: Int32Array.from(columns), terms: Int32Array.from(terms) };
}

/** The term that is the product of two terms of order 2, which are numbered by degree, then by the power of y. */
const LINE = termCount(2);
const PRODUCT = ((): Int32Array => {
  const terms = [0, 1, 2].flatMap((degree) =>
    Array.from({ length: degree + 1 }, (_, power) => ({ degree, power })),
  );
  return Int32Array.from(
    terms.flatMap((a) => terms.map((b) => termCount(a.degree + b.degree - 1) + a.power + b.power)),
  );
})();

/** Coefficients of a stamp's own columns that a solution means at its position: the functions', then the background. */
export function localCoefficients(
  solution: Float64Array,
  n: number,
  order: number,
  { x, y }: { x: number; y: number },
  width: number,
  height: number,
): Float64Array {
  const terms = polynomialTerms(order, x, y, width, height);
  const local = new Float64Array(n + 1);
  local[0] = solution[0];
  for (let k = 1, at = 1; k <= n; k++) {
    const count = k < n ? terms.length : termCount(backgroundOrder(order));
    for (let t = 0; t < count; t++) local[k] += terms[t] * solution[at++];
  }
  return local;
}
