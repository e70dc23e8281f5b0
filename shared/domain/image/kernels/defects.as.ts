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

/** Rows whose median stands for that of a column. */
const SAMPLES = 9;

/**
 * Sets `bits` in the columns [from, to) of a stretch of rows where the median of nine rows differs by more than `limit`
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
  for (; x + 4 <= last; x += 4) v128.store(levels + (<usize>x << 2), medianOfColumns(values, width, rows, x, scratch));
  if (x < last) {
    x = max(0, last - 4);
    v128.store(levels + (<usize>x << 2), medianOfColumns(values, width, rows, x, scratch));
  }
  for (x = from; x < to; x++) {
    const at = levels + (<usize>x << 2);
    const level = load<f32>(at);
    const left = x >= 4 ? at - 16 : at + 20;
    const right = x + 4 < width ? at + 8 : at - 28;
    const difference = min(abs(level - middle(left)), abs(level - middle(right)));
    if (difference <= limit) continue;
    for (let y = 0; y < rows; y++) {
      const pixel = mask + (<usize>(y * width + x) << 1);
      store<u16>(pixel, load<u16>(pixel) | <u16>bits);
    }
  }
}

/** Median of three columns' levels. */
function middle(at: usize): f32 {
  const a = load<f32>(at);
  const b = load<f32>(at, 4);
  return max(min(a, b), min(max(a, b), load<f32>(at, 8)));
}

/** Medians of four columns, by sorting nine of their rows by odd and even exchanges. */
function medianOfColumns(values: usize, width: i32, rows: i32, x: i32, scratch: usize): v128 {
  for (let k = 0; k < SAMPLES; k++) {
    const row = (k * rows) / SAMPLES;
    v128.store(scratch + (<usize>k << 4), v128.load(values + (<usize>(row * width + x) << 2)));
  }
  for (let pass = 0; pass < SAMPLES; pass++) {
    for (let k = pass & 1; k + 1 < SAMPLES; k += 2) {
      const at = scratch + (<usize>k << 4);
      const a = v128.load(at);
      const b = v128.load(at, 16);
      v128.store(at, f32x4.pmin(a, b));
      v128.store(at, f32x4.pmax(a, b), 16);
    }
  }
  return v128.load(scratch + 64);
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
