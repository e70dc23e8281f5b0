/** Sets `bits` in the mask, rows [from, to), where a value is not within (low, high). */
export function markOutsideRows(
  values: usize, low: f32, high: f32, mask: usize, bits: i32, width: i32,
  scratch: usize, from: i32, to: i32,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const end = to * width;
  let i = from * width;
  for (; i + 16 <= end; i += 16) {
    const at = values + (<usize>i << 2);
    const a = within(v128.load(at), lows, highs);
    const b = within(v128.load(at, 16), lows, highs);
    const c = within(v128.load(at, 32), lows, highs);
    const d = within(v128.load(at, 48), lows, highs);
    if (i32x4.all_true(v128.and(v128.and(a, b), v128.and(c, d)))) continue;
    const out = mask + (<usize>i << 1);
    const flags = i16x8.splat(<i16>bits);
    v128.store(out, v128.or(v128.load(out), v128.andnot(flags, i16x8.narrow_i32x4_s(a, b))));
    v128.store(out, v128.or(v128.load(out, 16), v128.andnot(flags, i16x8.narrow_i32x4_s(c, d))), 16);
  }
  for (; i < end; i++) {
    const value = load<f32>(values + (<usize>i << 2));
    if (value > low && value < high) continue;
    const at = mask + (<usize>i << 1);
    store<u16>(at, load<u16>(at) | <u16>bits);
  }
}

function within(values: v128, lows: v128, highs: v128): v128 {
  return v128.and(f32x4.gt(values, lows), f32x4.lt(values, highs));
}

/**
 * Sets `bits` in the columns [from, to) of a stretch of rows where the median of five rows differs by more than `limit`
 * from that of the columns on either side (the median of the three from the second on; at the border of the three after
 * those), so that neither the step between two amplifiers nor the good neighbour of a bad column is marked. The stretch
 * is at least 16 columns wide.
 *
 * levels: f32 a column, of work
 */
export function markColumns(
  values: usize, width: i32, rows: i32, limit: f32, levels: usize, mask: usize, bits: i32,
  scratch: usize, from: i32, to: i32,
): void {
  const first = max(0, from - 7);
  const last = min(width, to + 7);
  let x = first;
  for (; x + 4 <= last; x += 4) v128.store(levels + (<usize>x << 2), medianOfColumns(values, width, rows, x));
  if (x < last) {
    x = max(0, last - 4);
    v128.store(levels + (<usize>x << 2), medianOfColumns(values, width, rows, x));
  }
  const limits = f32x4.splat(limit);
  x = from;
  while (x < to) {
    const at = levels + (<usize>x << 2);
    if (x >= 4 && x + 8 <= min(width - 4, to)) {
      const near = v128.or(
        f32x4.le(f32x4.abs(f32x4.sub(v128.load(at), middle(at - 16))), limits),
        f32x4.le(f32x4.abs(f32x4.sub(v128.load(at), middle(at + 8))), limits),
      );
      if (i32x4.all_true(near)) {
        x += 4;
        continue;
      }
    }
    const level = load<f32>(at);
    const left = f32x4.extract_lane(middle(x >= 4 ? at - 16 : at + 20), 0);
    const right = f32x4.extract_lane(middle(x + 4 < width ? at + 8 : at - 28), 0);
    const column = mask + (<usize>x << 1);
    x++;
    if (min(abs(level - left), abs(level - right)) <= limit) continue;
    for (let y = 0; y < rows; y++) {
      const pixel = column + (<usize>(y * width) << 1);
      store<u16>(pixel, load<u16>(pixel) | <u16>bits);
    }
  }
}

/** Medians of the levels of three columns, for four columns beginning at `at`. */
function middle(at: usize): v128 {
  return medianOfThree(v128.load(at), v128.load(at, 4), v128.load(at, 8));
}

function medianOfThree(a: v128, b: v128, c: v128): v128 {
  return f32x4.max(f32x4.min(a, b), f32x4.min(f32x4.max(a, b), c));
}

/** Medians of five rows of four columns. */
function medianOfColumns(values: usize, width: i32, rows: i32, x: i32): v128 {
  const column = values + (<usize>x << 2);
  const a = v128.load(column);
  const b = v128.load(column + (<usize>(rows / 5 * width) << 2));
  const c = v128.load(column + (<usize>(2 * rows / 5 * width) << 2));
  const d = v128.load(column + (<usize>(3 * rows / 5 * width) << 2));
  const e = v128.load(column + (<usize>(4 * rows / 5 * width) << 2));
  // The least and the largest of four cannot be the median of five.
  const low = f32x4.max(f32x4.min(a, b), f32x4.min(c, d));
  const high = f32x4.min(f32x4.max(a, b), f32x4.max(c, d));
  return medianOfThree(low, high, e);
}

/** Runs of pixels of one row of the mask that have any of `bits`, as pairs of i32 [from, to) in `runs`; their number. */
export function findRuns(mask: usize, bits: i32, width: i32, y: i32, runs: usize): i32 {
  const row = mask + (<usize>(y * width) << 1);
  const wanted = i16x8.splat(<i16>bits);
  let count = 0;
  let inside = false;
  let x = 0;
  while (x < width) {
    if (!inside && x + 8 <= width && !v128.any_true(v128.and(v128.load(row + (<usize>x << 1)), wanted))) {
      x += 8;
      continue;
    }
    const has = (load<u16>(row + (<usize>x << 1)) & <u16>bits) != 0;
    if (has != inside) {
      store<i32>(runs + (<usize>count << 3) + (inside ? 4 : 0), x);
      if (inside) count++;
      inside = has;
    }
    x++;
  }
  if (!inside) return count;
  store<i32>(runs + (<usize>count << 3) + 4, width);
  return count + 1;
}
