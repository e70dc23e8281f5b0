/**
 * Products of every two of `count` columns of 2 `vectors` f64, the lower triangle of count x count f64 in blocks of 3 x 3;
 * count is a multiple of 3. Nine sums and six columns at a time are all the registers.
 *
 * In f64 throughout: products in f32, half the time, left equations of nearly dependent columns indefinite.
 */
export function gramProducts(columns: usize, vectors: i32, count: i32, products: usize): void {
  const size = <usize>vectors << 4;
  const stride = <usize>count << 3;
  for (let k = 0; k < count; k += 3) {
    for (let l = 0; l <= k; l += 3) {
      const at = products + <usize>k * stride + (<usize>l << 3);
      sumProducts(columns + <usize>k * size, columns + <usize>l * size, size, at, stride);
    }
  }
}

function sumProducts(p: usize, q: usize, size: usize, out: usize, stride: usize): void {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  let s8 = s0;
  for (const end = p + size; p < end; p += 16, q += 16) {
    const a = v128.load(p);
    const b = v128.load(p + size);
    const c = v128.load(p + 2 * size);
    const d = v128.load(q);
    s0 = f64x2.add(s0, f64x2.mul(a, d));
    s3 = f64x2.add(s3, f64x2.mul(b, d));
    s6 = f64x2.add(s6, f64x2.mul(c, d));
    const e = v128.load(q + size);
    s1 = f64x2.add(s1, f64x2.mul(a, e));
    s4 = f64x2.add(s4, f64x2.mul(b, e));
    s7 = f64x2.add(s7, f64x2.mul(c, e));
    const f = v128.load(q + 2 * size);
    s2 = f64x2.add(s2, f64x2.mul(a, f));
    s5 = f64x2.add(s5, f64x2.mul(b, f));
    s8 = f64x2.add(s8, f64x2.mul(c, f));
  }
  store<f64>(out, sumOf(s0));
  store<f64>(out, sumOf(s1), 8);
  store<f64>(out, sumOf(s2), 16);
  const second = out + stride;
  store<f64>(second, sumOf(s3));
  store<f64>(second, sumOf(s4), 8);
  store<f64>(second, sumOf(s5), 16);
  const third = second + stride;
  store<f64>(third, sumOf(s6));
  store<f64>(third, sumOf(s7), 8);
  store<f64>(third, sumOf(s8), 16);
}

// @ts-ignore: decorator
@inline
function sumOf(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** moments[p] += factors[p] products, each of `length` f64 (even), for p < count. */
export function addMoments(products: usize, length: i32, factors: usize, moments: usize, count: i32): void {
  const end = products + (<usize>length << 3);
  let to = moments;
  for (let p = 0; p < count; p++) {
    const factor = v128.load64_splat(factors + (<usize>p << 3));
    for (let from = products; from < end; from += 16, to += 16)
      v128.store(to, f64x2.add(v128.load(to), f64x2.mul(factor, v128.load(from))));
  }
}
