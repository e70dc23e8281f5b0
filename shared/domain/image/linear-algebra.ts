/**
 * Solves the symmetric positive definite system A x = b (A row-major n x n, kept) by Cholesky on the equilibrated
 * matrix with a relative ridge. Returns undefined when a pivot falls below 1e-13 of its diagonal.
 */
export function solveSymmetric(a: Float64Array, b: Float64Array, ridge = 1e-10): Float64Array | undefined {
  const n = b.length;
  const factor = factorise(a, n, ridge);
  return factor === undefined ? undefined : substitute(factor, b);
}

/** Inverse of a symmetric positive definite matrix, the covariance of a least-squares fit; undefined if singular. */
export function invertSymmetric(a: Float64Array, n: number): Float64Array | undefined {
  const factor = factorise(a, n, 0);
  if (factor === undefined) return undefined;
  const inverse = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    unit.fill(0);
    unit[k] = 1;
    inverse.set(substitute(factor, unit), k * n);
  }
  return inverse;
}

interface Factor {
  readonly lower: Float64Array;
  readonly scale: Float64Array;
}

function factorise(a: Float64Array, n: number, ridge: number): Factor | undefined {
  const scale = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if (!(a[i * n + i] > 0)) return undefined;
    scale[i] = 1 / Math.sqrt(a[i * n + i]);
  }
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j] * scale[i] * scale[j] + (i === j ? ridge : 0);
      for (let k = 0, ri = i * n, rj = j * n; k < j; k++) sum -= lower[ri + k] * lower[rj + k];
      if (i === j) {
        if (!(sum > 1e-13)) return undefined;
        lower[i * n + i] = Math.sqrt(sum);
      } else lower[i * n + j] = sum / lower[j * n + j];
    }
  }
  return { lower, scale };
}

function substitute({ lower, scale }: Factor, b: Float64Array): Float64Array {
  const n = b.length;
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = b[i] * scale[i];
    for (let k = 0; k < i; k++) sum -= lower[i * n + k] * x[k];
    x[i] = sum / lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i];
    for (let k = i + 1; k < n; k++) sum -= lower[k * n + i] * x[k];
    x[i] = sum / lower[i * n + i];
  }
  for (let i = 0; i < n; i++) x[i] *= scale[i];
  return x;
}
