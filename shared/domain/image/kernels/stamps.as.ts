import { gramProducts } from './gram.as';

/** Pixels of a stamp's side, and vectors of 4 that hold them; the last vector holds one pixel. */
const SIDE = 33;
const VECTORS = 273;
const COLUMN: usize = VECTORS << 4;

/**
 * Products of stamps [from, to): each stamp convolved with every basis function, the constant 1 and the target, all times
 * the root of the weight, with each other. Lower triangles of count x count f64, count = n + 2 or up to 2 more (zeros).
 *
 * patches: f32, (33 + 2 half)² of the source; goals, roots: f32, 33²; rowTaps: f32, rowCount x (2 half + 1), in the order
 * of the pixels they multiply; columnTaps: f32, n x (2 half + 1); functions: i32 pairs, the row pass of each function and
 * whether the first is subtracted.
 * scratch: rowCount (33 (33 + 2 half) + 16) + 2184 f32 and 1092 count f64.
 */
export function stampProducts(
  patches: usize, goals: usize, roots: usize, half: i32, rowTaps: usize, rowCount: i32, columnTaps: usize,
  functions: usize, n: i32, products: usize, count: i32, scratch: usize, from: i32, to: i32,
): void {
  const taps = 2 * half + 1;
  const tall = SIDE + 2 * half;
  const pass = <usize>(SIDE * tall + 16) << 2;
  const pixels: usize = SIDE * SIDE * 4;
  const columns = scratch;
  const first = columns + 2 * <usize>count * COLUMN;
  const column = first + COLUMN;
  const rows = column + COLUMN;
  memory.fill(columns, 0, 2 * <usize>(count + 1) * COLUMN + <usize>rowCount * pass);
  for (let stamp = from; stamp < to; stamp++) {
    const patch = patches + (<usize>(stamp * tall * tall) << 2);
    const root = roots + <usize>stamp * pixels;
    for (let k = 0; k < rowCount; k++)
      filterRows(patch, tall, rowTaps + (<usize>(k * taps) << 2), taps, rows + <usize>k * pass);
    for (let k = 0; k < n; k++) {
      const row = rows + <usize>load<i32>(functions + (<usize>k << 3)) * pass;
      const convolved = k == 0 ? first : column;
      filterColumns(row, columnTaps + (<usize>(k * taps) << 2), taps, convolved);
      if (load<i32>(functions + (<usize>k << 3), 4) != 0) subtractColumn(column, first);
      weighColumn(convolved, root, columns + 2 * <usize>k * COLUMN);
    }
    for (let at: usize = 0; at < pixels; at += 4) store<f32>(column + at, 1);
    weighColumn(column, root, columns + 2 * <usize>n * COLUMN);
    weighColumn(goals + <usize>stamp * pixels, root, columns + 2 * <usize>(n + 1) * COLUMN);
    gramProducts(columns, 2 * VECTORS, count, products + (<usize>(stamp * count * count) << 3));
  }
}

/** Every row of a patch of `tall` rows, its 33 sums over `taps` pixels each. */
function filterRows(patch: usize, tall: i32, weights: usize, taps: i32, out: usize): void {
  for (let y = 0; y < tall; y++) {
    const row = patch + (<usize>(y * tall) << 2);
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let e = a;
    let f = a;
    let g = a;
    let h = a;
    let last = a;
    for (let k = 0; k < taps; k++) {
      const tap = v128.load32_splat(weights + (<usize>k << 2));
      const at = row + (<usize>k << 2);
      a = f32x4.add(a, f32x4.mul(tap, v128.load(at)));
      b = f32x4.add(b, f32x4.mul(tap, v128.load(at, 16)));
      c = f32x4.add(c, f32x4.mul(tap, v128.load(at, 32)));
      d = f32x4.add(d, f32x4.mul(tap, v128.load(at, 48)));
      e = f32x4.add(e, f32x4.mul(tap, v128.load(at, 64)));
      f = f32x4.add(f, f32x4.mul(tap, v128.load(at, 80)));
      g = f32x4.add(g, f32x4.mul(tap, v128.load(at, 96)));
      h = f32x4.add(h, f32x4.mul(tap, v128.load(at, 112)));
      last = f32x4.add(last, f32x4.mul(tap, v128.load(at, 116)));
    }
    const to = out + (<usize>(y * SIDE) << 2);
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
    v128.store(to, e, 64);
    v128.store(to, f, 80);
    v128.store(to, g, 96);
    v128.store(to, h, 112);
    v128.store(to, last, 116);
  }
}

/** Sums over `taps` rows of 33 for all pixels of a stamp; what follows its last pixel stays finite. */
function filterColumns(rows: usize, weights: usize, taps: i32, out: usize): void {
  let at: usize = 0;
  for (; at + 128 <= COLUMN; at += 128) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let e = a;
    let f = a;
    let g = a;
    let h = a;
    let row = rows + at;
    for (let k = 0; k < taps; k++) {
      const tap = v128.load32_splat(weights + (<usize>k << 2));
      a = f32x4.add(a, f32x4.mul(tap, v128.load(row)));
      b = f32x4.add(b, f32x4.mul(tap, v128.load(row, 16)));
      c = f32x4.add(c, f32x4.mul(tap, v128.load(row, 32)));
      d = f32x4.add(d, f32x4.mul(tap, v128.load(row, 48)));
      e = f32x4.add(e, f32x4.mul(tap, v128.load(row, 64)));
      f = f32x4.add(f, f32x4.mul(tap, v128.load(row, 80)));
      g = f32x4.add(g, f32x4.mul(tap, v128.load(row, 96)));
      h = f32x4.add(h, f32x4.mul(tap, v128.load(row, 112)));
      row += SIDE << 2;
    }
    v128.store(out + at, a);
    v128.store(out + at, b, 16);
    v128.store(out + at, c, 32);
    v128.store(out + at, d, 48);
    v128.store(out + at, e, 64);
    v128.store(out + at, f, 80);
    v128.store(out + at, g, 96);
    v128.store(out + at, h, 112);
  }
  let sum = f32x4.splat(0);
  for (let k = 0; k < taps; k++) {
    const tap = v128.load32_splat(weights + (<usize>k << 2));
    sum = f32x4.add(sum, f32x4.mul(tap, v128.load(rows + at + (<usize>(k * SIDE) << 2))));
  }
  v128.store(out + at, sum);
}

function subtractColumn(column: usize, first: usize): void {
  for (let at: usize = 0; at < COLUMN; at += 16)
    v128.store(column + at, f32x4.sub(v128.load(column + at), v128.load(first + at)));
}

/** Column times root for the stamp's pixels, in f64. */
function weighColumn(column: usize, root: usize, out: usize): void {
  const last: usize = COLUMN - 16;
  for (let at: usize = 0; at < last; at += 16) {
    const weighted = f32x4.mul(v128.load(column + at), v128.load(root + at));
    v128.store(out + 2 * at, f64x2.promote_low_f32x4(weighted));
    v128.store(out + 2 * at, f64x2.promote_low_f32x4(v128.shuffle<f32>(weighted, weighted, 2, 3, 0, 1)), 16);
  }
  store<f64>(out + 2 * last, <f64>(load<f32>(column + last) * load<f32>(root + last)));
}
