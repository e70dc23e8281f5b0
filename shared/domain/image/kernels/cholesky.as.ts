/**
 * Solves a x = b, a symmetric positive definite (n x n f64, its lower triangle; used up), into b: Cholesky on the
 * equilibrated matrix with a relative ridge. Answers 0 when a pivot falls below 1e-13 of its diagonal, else 1.
 *
 * scale: n f64 of working space.
 */
export function solveDefinite(a: usize, b: usize, scale: usize, n: i32, ridge: f64): i32 {
  const stride = <usize>n << 3;
  for (let i = 0; i < n; i++) {
    const diagonal = load<f64>(a + <usize>i * (stride + 8));
    if (!(diagonal > 0)) return 0;
    store<f64>(scale + (<usize>i << 3), 1 / sqrt<f64>(diagonal));
  }
  for (let i = 0; i < n; i++) {
    const row = a + <usize>i * stride;
    const factor = load<f64>(scale + (<usize>i << 3));
    for (let j = 0; j <= i; j++) {
      const other = a + <usize>j * stride;
      const at = <usize>j << 3;
      const value = load<f64>(row + at) * factor * load<f64>(scale + at) + (i == j ? ridge : 0) - dot(row, other, at);
      if (i == j) {
        if (!(value > 1e-13)) return 0;
        store<f64>(row + at, sqrt<f64>(value));
      } else store<f64>(row + at, value / load<f64>(other + at));
    }
  }
  for (let i = 0; i < n; i++) {
    const row = a + <usize>i * stride;
    const at = <usize>i << 3;
    store<f64>(b + at, (load<f64>(b + at) * load<f64>(scale + at) - dot(row, b, at)) / load<f64>(row + at));
  }
  for (let i = n - 1; i >= 0; i--) {
    const at = <usize>i << 3;
    let sum = load<f64>(b + at);
    for (let k = i + 1; k < n; k++) sum -= load<f64>(a + <usize>k * stride + at) * load<f64>(b + (<usize>k << 3));
    store<f64>(b + at, sum / load<f64>(a + <usize>i * stride + at));
  }
  for (let at: usize = 0; at < stride; at += 8) store<f64>(b + at, load<f64>(b + at) * load<f64>(scale + at));
  return 1;
}

/** Sum of the products of `bytes` / 8 f64, in four pairs of sums that need not wait for each other. */
function dot(p: usize, q: usize, bytes: usize): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let at: usize = 0;
  for (; at + 64 <= bytes; at += 64) {
    a = f64x2.add(a, f64x2.mul(v128.load(p + at), v128.load(q + at)));
    b = f64x2.add(b, f64x2.mul(v128.load(p + at, 16), v128.load(q + at, 16)));
    c = f64x2.add(c, f64x2.mul(v128.load(p + at, 32), v128.load(q + at, 32)));
    d = f64x2.add(d, f64x2.mul(v128.load(p + at, 48), v128.load(q + at, 48)));
  }
  const pair = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let sum = f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
  for (; at < bytes; at += 8) sum += load<f64>(p + at) * load<f64>(q + at);
  return sum;
}
