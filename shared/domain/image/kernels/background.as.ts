/** Bins of a cell's histogram, over 10 sigma. */
const MOST_BINS: i32 = 4096;

/**
 * Level and sigma of the cells of mesh rows [from, to) by Bertin & Arnouts's estimator (SExtractor, sep): mean and sigma,
 * twice, the second time of what lies within 2 sigma; a histogram over 5 sigma around them; on it clipping at 3 sigma
 * around the median until sigma settles; 2.5 median - 1.5 mean, or the median where they differ by more than 0.3 sigma.
 * A cell of which less than a quarter counts gets NaN.
 *
 * level, sigma: f64, one a cell; every `step`-th row of pixels is used. Scratch: 160 KiB.
 */
export function cellRows(
  image: usize, mask: usize, width: i32, height: i32, exclude: i32, cellWidth: i32, cellHeight: i32, step: i32,
  level: usize, sigma: usize, scratch: usize, from: i32, to: i32,
): void {
  const columns = (width + cellWidth - 1) / cellWidth;
  const bits = i16x8.splat(<i16>exclude);
  // One bin more on either side takes what lies outside.
  const bins = scratch + 64;
  const sums = bins + ((<usize>MOST_BINS + 16) << 2);
  for (let j = from; j < to; j++) {
    const bottom = j * cellHeight;
    const top = min(height, bottom + cellHeight);
    for (let i = 0; i < columns; i++) {
      const left = i * cellWidth;
      const right = min(width, left + cellWidth);
      const at = <usize>(j * columns + i) << 3;
      store<f64>(level + at, NaN);
      store<f64>(sigma + at, NaN);
      momentsWithin(image, mask, width, left, right, bottom, top, step, bits, -Infinity, Infinity, scratch);
      if (load<f64>(scratch) * 4 * step < <f64>((right - left) * (top - bottom))) continue;
      const reach = 2 * load<f64>(scratch, 16);
      const middle = load<f64>(scratch, 8);
      momentsWithin(
        image, mask, width, left, right, bottom, top, step, bits, <f32>(middle - reach), <f32>(middle + reach), scratch,
      );
      const mean = load<f64>(scratch, 8);
      const spread = load<f64>(scratch, 16);
      if (!(spread > 0)) {
        store<f64>(level + at, mean);
        store<f64>(sigma + at, 0);
        continue;
      }
      // As many bins as give 4 pixels a bin within a sigma of the mean.
      const count = min(MOST_BINS, <i32>(Math.sqrt(2 / Math.PI) * 1.25 * load<f64>(scratch) + 1));
      const bin = <f32>(10 * spread / count);
      const zero = <f32>(mean - 5 * spread);
      memory.fill(bins, 0, (<usize>count + 2) << 2);
      countInto(bins, count, image, mask, width, left, right, bottom, top, step, bits, bin, <f32>(0.499999 - zero / bin));
      clipHistogram(bins + 4, count, sums, scratch);
      store<f64>(level + at, <f64>zero + load<f64>(scratch) * <f64>bin);
      store<f64>(sigma + at, load<f64>(scratch, 8) * <f64>bin);
    }
  }
}

/** Number, mean and standard deviation of a cell's pixels within [low, high], three f64 at `out`. */
function momentsWithin(
  image: usize, mask: usize, width: i32, left: i32, right: i32, bottom: i32, top: i32, step: i32,
  bits: v128, low: f32, high: f32, out: usize,
): void {
  const none = i64x2.splat(0);
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  const excluded = <i32>i16x8.extract_lane_u(bits, 0);
  let counts = none;
  let sum = none;
  let squares = none;
  let tail = 0;
  let tailSum: f64 = 0;
  let tailSquares: f64 = 0;
  for (let y = bottom; y < top; y += step) {
    let at = <usize>(y * width + left);
    const end = <usize>(y * width + right);
    for (; at + 4 <= end; at += 4) {
      const value = v128.load(image + (at << 2));
      const flags = i16x8.eq(v128.and(v128.load64_zero(mask + (at << 1)), bits), none);
      const inside = v128.and(f32x4.ge(value, least), f32x4.le(value, most));
      const good = v128.and(i32x4.extend_low_i16x8_s(flags), inside);
      const kept = v128.and(value, good);
      const a = f64x2.promote_low_f32x4(kept);
      const b = f64x2.promote_low_f32x4(v128.shuffle<i32>(kept, kept, 2, 3, 2, 3));
      counts = i32x4.sub(counts, good);
      sum = f64x2.add(sum, f64x2.add(a, b));
      squares = f64x2.add(squares, f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b)));
    }
    for (; at < end; at++) {
      const value = load<f32>(image + (at << 2));
      if ((<i32>load<u16>(mask + (at << 1)) & excluded) != 0 || !(value >= low && value <= high)) continue;
      tail++;
      tailSum += <f64>value;
      tailSquares += <f64>value * <f64>value;
    }
  }
  const number = <f64>(
    tail + i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) + i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  );
  const mean = (tailSum + f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)) / number;
  const square = (tailSquares + f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)) / number;
  store<f64>(out, number);
  store<f64>(out, mean, 8);
  store<f64>(out, Math.sqrt(Math.max(0, square - mean * mean)), 16);
}

/**
 * Counts the cell's pixels into bins: value / side + start, in f32 as sep has it, or else whole numbers, which fall on the
 * edges of bins, are counted one bin off and the level is 3e-5 off. What lies outside goes into the bins around.
 */
function countInto(
  bins: usize, count: i32, image: usize, mask: usize, width: i32, left: i32, right: i32, bottom: i32, top: i32,
  step: i32, bits: v128, side: f32, start: f32,
): void {
  const none = i32x4.splat(0);
  const one = i32x4.splat(1);
  const sides = f32x4.splat(side);
  const starts = f32x4.splat(start);
  const last = i32x4.splat(count + 1);
  const excluded = <i32>i16x8.extract_lane_u(bits, 0);
  for (let y = bottom; y < top; y += step) {
    let at = <usize>(y * width + left);
    const end = <usize>(y * width + right);
    for (; at + 4 <= end; at += 4) {
      const flags = i16x8.eq(v128.and(v128.load64_zero(mask + (at << 1)), bits), none);
      const place = f32x4.add(f32x4.div(v128.load(image + (at << 2)), sides), starts);
      const inside = i32x4.max_s(none, i32x4.min_s(last, i32x4.add(i32x4.trunc_sat_f32x4_s(place), one)));
      const bin = i32x4.shl(v128.and(inside, i32x4.extend_low_i16x8_s(flags)), 2);
      const a = bins + <usize>i32x4.extract_lane(bin, 0);
      store<i32>(a, load<i32>(a) + 1);
      const b = bins + <usize>i32x4.extract_lane(bin, 1);
      store<i32>(b, load<i32>(b) + 1);
      const c = bins + <usize>i32x4.extract_lane(bin, 2);
      store<i32>(c, load<i32>(c) + 1);
      const d = bins + <usize>i32x4.extract_lane(bin, 3);
      store<i32>(d, load<i32>(d) + 1);
    }
    for (; at < end; at++) {
      if ((<i32>load<u16>(mask + (at << 1)) & excluded) != 0) continue;
      const place = load<f32>(image + (at << 2)) / side + start;
      const bin = bins + (<usize>(<i32>max<f32>(-1, min<f32>(<f32>count, place)) + 1) << 2);
      store<i32>(bin, load<i32>(bin) + 1);
    }
  }
}

/** Mode and sigma of a histogram, in bins, two f64 at `out`; sums: room for 3 (count + 1) f64. */
function clipHistogram(bins: usize, count: i32, sums: usize, out: usize): void {
  // Sums of n, n i and n i² over the bins below the i-th.
  let number: f64 = 0;
  let first: f64 = 0;
  let second: f64 = 0;
  for (let i = 0; i <= count; i++) {
    const at = sums + <usize>i * 24;
    store<f64>(at, number);
    store<f64>(at, first, 8);
    store<f64>(at, second, 16);
    const n = <f64>load<i32>(bins + (<usize>i << 2));
    const moment = n * i;
    number += n;
    first += moment;
    second += moment * i;
  }
  let low = 0;
  let high = count - 1;
  let mean: f64 = 0;
  let median: f64 = 0;
  let sigma: f64 = 10 * (count - 1);
  let before: f64 = 1;
  for (let round = 0; round < 100 && sigma >= 0.1 && Math.abs(sigma / before - 1) > 1e-4; round++) {
    before = sigma;
    const lower = sums + <usize>low * 24;
    const upper = sums + <usize>(high + 1) * 24;
    const total = load<f64>(upper) - load<f64>(lower);
    if (!(total > 0)) break;
    median = medianWithin(bins, sums, low, high);
    mean = (load<f64>(upper, 8) - load<f64>(lower, 8)) / total;
    sigma = Math.sqrt(Math.max(0, (load<f64>(upper, 16) - load<f64>(lower, 16)) / total - mean * mean));
    low = max(0, <i32>(median - 3 * sigma + 0.5));
    high = min(count - 1, <i32>(median + 3 * sigma + 0.5));
  }
  const skewed = Math.abs(mean - median) >= 0.3 * sigma;
  store<f64>(out, sigma > 0 ? (skewed ? median : 2.5 * median - 1.5 * mean) : mean);
  store<f64>(out, sigma, 8);
}

/** Median of bins [low, high], interpolated as SExtractor does it: in the denser of the two bins where halves meet. */
function medianWithin(bins: usize, sums: usize, low: i32, high: i32): f64 {
  const below = load<f64>(sums + <usize>low * 24);
  const above = load<f64>(sums + <usize>(high + 1) * 24);
  const middle = (below + above) / 2;
  let bin = low;
  let end = high;
  while (bin < end) {
    const half = (bin + end) >> 1;
    if (load<f64>(sums + <usize>(half + 1) * 24) > middle) end = half;
    else bin = half + 1;
  }
  const under = load<f64>(sums + <usize>bin * 24) - below;
  const over = above - load<f64>(sums + <usize>(bin + 1) * 24);
  const own = <f64>load<i32>(bins + (<usize>bin << 2));
  if (under == over + own) {
    // Between two bins, and empty ones between them: the end of the lower.
    while (bin > low + 1 && load<i32>(bins + (<usize>(bin - 1) << 2)) == 0) bin--;
    return bin - 0.5;
  }
  if (under < over) {
    const next = bin < high ? <f64>load<i32>(bins + (<usize>(bin + 1) << 2)) : 0;
    return bin + 0.5 + (over - under - own) / (2 * Math.max(own, next));
  }
  const next = bin > 0 ? <f64>load<i32>(bins + (<usize>(bin - 1) << 2)) : 0;
  return bin - 0.5 + (over + own - under) / (2 * Math.max(own, next));
}

/**
 * A spline's row y: out[x] = sum of weight_k[x] times the row's node or curvature left or right of x.
 *
 * nodes: f64, four an (i, j): value and second differences along x, along y, and along both; weights: f32, four planes
 * of `width` and, as i32, the first x right of each cell; row: f64, four weights and the lower node's row for every y;
 * knots: scratch of 2 columns f32.
 */
function splineRow(
  nodes: usize, columns: i32, rows: i32, along: usize, cells: usize, width: i32, row: usize, knots: usize, out: usize,
): void {
  const lower = nodes + ((<usize>load<f64>(row, 32) * columns) << 5);
  const upper = rows > 1 ? lower + (<usize>columns << 5) : lower;
  const a = load<f64>(row);
  const b = load<f64>(row, 8);
  const c = load<f64>(row, 16);
  const d = load<f64>(row, 24);
  for (let i = 0; i < columns; i++) {
    const low = lower + (<usize>i << 5);
    const up = upper + (<usize>i << 5);
    const knot = knots + (<usize>i << 3);
    const value = a * load<f64>(low) + b * load<f64>(up) + c * load<f64>(low, 16) + d * load<f64>(up, 16);
    const bend = a * load<f64>(low, 8) + b * load<f64>(up, 8) + c * load<f64>(low, 24) + d * load<f64>(up, 24);
    store<f32>(knot, <f32>value);
    store<f32>(knot, <f32>bend, 4);
  }
  const stride = <usize>width << 2;
  let x = 0;
  const last = max(1, columns - 1);
  for (let i = 0; i < last; i++) {
    const left = knots + (<usize>i << 3);
    const right = columns > 1 ? left + 8 : left;
    const end = load<i32>(cells + (<usize>i << 2));
    const v = v128.load32_splat(left);
    const w = v128.load32_splat(right);
    const p = v128.load32_splat(left, 4);
    const q = v128.load32_splat(right, 4);
    for (; x + 4 <= end; x += 4) {
      const at = along + (<usize>x << 2);
      const straight = f32x4.add(f32x4.mul(v128.load(at), v), f32x4.mul(v128.load(at + stride), w));
      const bent = f32x4.add(f32x4.mul(v128.load(at + 2 * stride), p), f32x4.mul(v128.load(at + 3 * stride), q));
      v128.store(out + (<usize>x << 2), f32x4.add(straight, bent));
    }
    for (; x < end; x++) {
      const at = along + (<usize>x << 2);
      const straight = load<f32>(at) * load<f32>(left) + load<f32>(at + stride) * load<f32>(right);
      const bent = load<f32>(at + 2 * stride) * load<f32>(left, 4) + load<f32>(at + 3 * stride) * load<f32>(right, 4);
      store<f32>(out + (<usize>x << 2), straight + bent);
    }
  }
}

/** image -= spline, rows [from, to); the spline as in splineRow. Scratch: width + 2 columns f32. */
export function subtractSplineRows(
  image: usize, width: i32, nodes: usize, columns: i32, rows: i32, along: usize, cells: usize, across: usize,
  scratch: usize, from: i32, to: i32,
): void {
  const knots = scratch + (<usize>width << 2);
  for (let y = from; y < to; y++) {
    splineRow(nodes, columns, rows, along, cells, width, across + <usize>y * 40, knots, scratch);
    const row = image + ((<usize>y * width) << 2);
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const i = <usize>x << 2;
      v128.store(row + i, f32x4.sub(v128.load(row + i), v128.load(scratch + i)));
    }
    for (; x < width; x++) {
      const i = <usize>x << 2;
      store<f32>(row + i, load<f32>(row + i) - load<f32>(scratch + i));
    }
  }
}

/** image /= max(spline, least), rows [from, to). Scratch: width + 2 columns f32. */
export function divideSplineRows(
  image: usize, width: i32, nodes: usize, columns: i32, rows: i32, along: usize, cells: usize, across: usize,
  least: f32, scratch: usize, from: i32, to: i32,
): void {
  const knots = scratch + (<usize>width << 2);
  const floor = f32x4.splat(least);
  for (let y = from; y < to; y++) {
    splineRow(nodes, columns, rows, along, cells, width, across + <usize>y * 40, knots, scratch);
    const row = image + ((<usize>y * width) << 2);
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const i = <usize>x << 2;
      v128.store(row + i, f32x4.div(v128.load(row + i), f32x4.max(v128.load(scratch + i), floor)));
    }
    for (; x < width; x++) {
      const i = <usize>x << 2;
      store<f32>(row + i, load<f32>(row + i) / max<f32>(load<f32>(scratch + i), least));
    }
  }
}

/** out = scale (max(spline, least)^power + offset), power 1 or 2, rows [from, to). Scratch: width + 2 columns f32. */
export function varianceSplineRows(
  out: usize, width: i32, nodes: usize, columns: i32, rows: i32, along: usize, cells: usize, across: usize,
  power: i32, least: f32, offset: f32, scale: f32, scratch: usize, from: i32, to: i32,
): void {
  const knots = scratch + (<usize>width << 2);
  const floor = f32x4.splat(least);
  const shift = f32x4.splat(offset);
  const factor = f32x4.splat(scale);
  for (let y = from; y < to; y++) {
    splineRow(nodes, columns, rows, along, cells, width, across + <usize>y * 40, knots, scratch);
    const row = out + ((<usize>y * width) << 2);
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const i = <usize>x << 2;
      const value = f32x4.max(v128.load(scratch + i), floor);
      const raised = power == 2 ? f32x4.mul(value, value) : value;
      v128.store(row + i, f32x4.mul(factor, f32x4.add(raised, shift)));
    }
    for (; x < width; x++) {
      const i = <usize>x << 2;
      const value = max<f32>(load<f32>(scratch + i), least);
      store<f32>(row + i, scale * ((power == 2 ? value * value : value) + offset));
    }
  }
}
