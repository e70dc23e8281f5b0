import { smoothAlong, smoothColumns } from './smooth.as';

/**
 * Sets `bit` where the square of the image smoothed by the taps exceeds `limit` times the variance, rows [from, to).
 * Scratch: 2 (width + 16) f32.
 */
export function detectedRows(
  image: usize, variance: usize, mask: usize, width: i32, height: i32, taps: usize, half: i32, limit: f32, bit: i32,
  scratch: usize, from: i32, to: i32,
): void {
  const stride = <usize>width << 2;
  const smooth = scratch + stride + 64;
  const factor = f32x4.splat(limit);
  const wanted = i16x8.splat(<i16>bit);
  for (let y = from; y < to; y++) {
    smoothColumns(image, scratch, width, height, taps, half, y);
    smoothAlong(scratch, smooth, width, taps, half);
    const noise = variance + <usize>y * stride;
    const flags = mask + <usize>y * (stride >> 1);
    let x = 0;
    for (; x + 8 <= width; x += 8) {
      const i = <usize>x << 2;
      const a = v128.load(smooth + i);
      const b = v128.load(smooth + i, 16);
      const low = f32x4.gt(f32x4.mul(a, a), f32x4.mul(factor, v128.load(noise + i)));
      const high = f32x4.gt(f32x4.mul(b, b), f32x4.mul(factor, v128.load(noise + i, 16)));
      const at = flags + (<usize>x << 1);
      v128.store(at, v128.or(v128.load(at), v128.and(wanted, i16x8.narrow_i32x4_s(low, high))));
    }
    for (; x < width; x++) {
      const i = <usize>x << 2;
      const value = load<f32>(smooth + i);
      const at = flags + (<usize>x << 1);
      if (value * value > limit * load<f32>(noise + i)) store<u16>(at, load<u16>(at) | bit);
    }
  }
}

/** Grows a bit along the rows [from, to) by `radius` to either side. Scratch: (width + 2 radius + 16) u16. */
export function growAlongRows(
  mask: usize, width: i32, bit: i32, radius: i32, scratch: usize, from: i32, to: i32,
): void {
  const wanted = i16x8.splat(<i16>bit);
  const length = width + 2 * radius;
  for (let y = from; y < to; y++) {
    const row = mask + ((<usize>y * width) << 1);
    const inside = scratch + (<usize>radius << 1);
    memory.fill(scratch, 0, (<usize>length + 16) << 1);
    let any = i16x8.splat(0);
    let x = 0;
    for (; x + 8 <= width; x += 8) {
      const bits = v128.and(v128.load(row + (<usize>x << 1)), wanted);
      any = v128.or(any, bits);
      v128.store(inside + (<usize>x << 1), bits);
    }
    let rest = 0;
    for (; x < width; x++) {
      const bits = <i32>load<u16>(row + (<usize>x << 1)) & bit;
      rest |= bits;
      store<u16>(inside + (<usize>x << 1), bits);
    }
    if (rest == 0 && !v128.any_true(any)) continue;
    // Every element takes in the `window` elements from it on: doubled until it is 2 radius + 1.
    for (let window = 1; window < 2 * radius + 1; ) {
      const step = min(window, 2 * radius + 1 - window);
      for (let i = 0; i < length; i += 8) {
        const at = scratch + (<usize>i << 1);
        v128.store(at, v128.or(v128.load(at), v128.load(at + (<usize>step << 1))));
      }
      window += step;
    }
    for (x = 0; x + 8 <= width; x += 8) {
      const at = row + (<usize>x << 1);
      v128.store(at, v128.or(v128.load(at), v128.load(scratch + (<usize>x << 1))));
    }
    for (; x < width; x++) {
      const at = row + (<usize>x << 1);
      store<u16>(at, load<u16>(at) | load<u16>(scratch + (<usize>x << 1)));
    }
  }
}

/** Columns of pixels in the unit that growAcrossColumns shares out. */
const BLOCK: i32 = 1024;

/**
 * Grows a bit along the columns of blocks [from, to), each 1024 columns wide, by `radius` up and down.
 * Scratch: 1024 u16.
 */
export function growAcrossColumns(
  mask: usize, width: i32, height: i32, bit: i32, radius: i32, scratch: usize, from: i32, to: i32,
): void {
  const stride = <usize>width << 1;
  for (let block = from; block < to; block++) {
    const left = block * BLOCK;
    const count = min(BLOCK, width - left);
    memory.fill(scratch, 0, <usize>BLOCK << 1);
    // Rows are written `radius` behind those that are read.
    for (let read = 0; read < height + radius; read++) {
      const source = mask + <usize>read * stride + (<usize>left << 1);
      growRow(source, source - <usize>radius * stride, scratch, count, bit, radius, read < height, read >= radius);
    }
  }
}

/** Counts down, column by column, the rows that a marked pixel still reaches, and marks those of the target. */
function growRow(
  source: usize, target: usize, reaches: usize, count: i32, bit: i32, radius: i32, isInside: bool, isWritten: bool,
): void {
  const wanted = i16x8.splat(<i16>bit);
  const zero = i16x8.splat(0);
  const one = i16x8.splat(1);
  const whole = i16x8.splat(<i16>(2 * radius + 1));
  let x = 0;
  for (; x + 8 <= count; x += 8) {
    const i = <usize>x << 1;
    let reach = i16x8.sub_sat_u(v128.load(reaches + i), one);
    if (isInside) {
      const marked = i16x8.ne(v128.and(v128.load(source + i), wanted), zero);
      reach = v128.bitselect(whole, reach, marked);
    }
    v128.store(reaches + i, reach);
    if (isWritten && v128.any_true(reach)) {
      const grown = v128.and(i16x8.ne(reach, zero), wanted);
      v128.store(target + i, v128.or(v128.load(target + i), grown));
    }
  }
  for (; x < count; x++) {
    const i = <usize>x << 1;
    let reach = max(0, <i32>load<u16>(reaches + i) - 1);
    if (isInside && (<i32>load<u16>(source + i) & bit) != 0) reach = 2 * radius + 1;
    store<u16>(reaches + i, reach);
    if (isWritten && reach > 0) store<u16>(target + i, load<u16>(target + i) | bit);
  }
}
