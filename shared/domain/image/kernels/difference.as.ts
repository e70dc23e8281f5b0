import { smoothAlong, smoothColumns } from './smooth.as';

/** out = factor (a - b) - (c0 + cx x + cy y); out may be a or b. Scratch is not used. */
export function subtractRows(
  a: usize, b: usize, out: usize, width: i32, factor: f32, c0: f64, cx: f64, cy: f64,
  scratch: usize, from: i32, to: i32,
): void {
  const f = f32x4.splat(factor);
  const step = f32x4.splat(<f32>(4 * cx));
  for (let y = from; y < to; y++) {
    const row = (<usize>y * width) << 2;
    const start = c0 + cy * y;
    let plane = f32x4(<f32>start, <f32>(start + cx), <f32>(start + 2 * cx), <f32>(start + 3 * cx));
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const at = row + (<usize>x << 2);
      // A sum of a thousand steps would drift: every 64 pixels the plane starts anew.
      if ((x & 63) == 0) {
        const here = start + cx * x;
        plane = f32x4(<f32>here, <f32>(here + cx), <f32>(here + 2 * cx), <f32>(here + 3 * cx));
      }
      const difference = f32x4.mul(f, f32x4.sub(v128.load(a + at), v128.load(b + at)));
      v128.store(out + at, f32x4.sub(difference, plane));
      plane = f32x4.add(plane, step);
    }
    for (; x < width; x++) {
      const at = row + (<usize>x << 2);
      store<f32>(out + at, factor * (load<f32>(a + at) - load<f32>(b + at)) - <f32>(start + cx * x));
    }
  }
}

/** image *= factor. */
export function scaleRows(image: usize, width: i32, factor: f32, scratch: usize, from: i32, to: i32): void {
  const f = f32x4.splat(factor);
  const end = image + ((<usize>to * width) << 2);
  let at = image + ((<usize>from * width) << 2);
  for (; at + 16 <= end; at += 16) v128.store(at, f32x4.mul(f, v128.load(at)));
  for (; at < end; at += 4) store<f32>(at, factor * load<f32>(at));
}

/** Means of 2x2 pixels into rows [from, to) of (width + 1)/2; at an odd edge the last row or column counts twice. */
export function halveRows(
  image: usize, out: usize, width: i32, height: i32, scratch: usize, from: i32, to: i32,
): void {
  const half = (width + 1) >> 1;
  for (let y = from; y < to; y++) {
    const a = image + ((<usize>(2 * y) * width) << 2);
    const b = image + ((<usize>min(2 * y + 1, height - 1) * width) << 2);
    const row = out + ((<usize>y * half) << 2);
    let x = 0;
    for (; 2 * x + 8 <= width; x += 4) {
      const at = <usize>x << 3;
      const low = f32x4.add(v128.load(a + at), v128.load(b + at));
      const high = f32x4.add(v128.load(a + at, 16), v128.load(b + at, 16));
      const even = v128.shuffle<f32>(low, high, 0, 2, 4, 6);
      const odd = v128.shuffle<f32>(low, high, 1, 3, 5, 7);
      v128.store(row + (<usize>x << 2), f32x4.mul(f32x4.splat(0.25), f32x4.add(even, odd)));
    }
    for (; x < half; x++) {
      const i = <usize>(2 * x) << 2;
      const j = <usize>min(2 * x + 1, width - 1) << 2;
      const sum = load<f32>(a + i) + load<f32>(a + j) + load<f32>(b + i) + load<f32>(b + j);
      store<f32>(row + (<usize>x << 2), 0.25 * sum);
    }
  }
}

/**
 * Row y of a plane of half the size, bilinear: each pixel lies a quarter of a large one from the nearest centre. Into
 * `out`, width f32; `columns` takes (width + 1)/2 f32.
 */
function doubleRow(image: usize, width: i32, height: i32, y: i32, columns: usize, out: usize): void {
  const half = (width + 1) >> 1;
  const halfHeight = (height + 1) >> 1;
  const near = y >> 1;
  const far = min(halfHeight - 1, max(0, near + ((y & 1) == 0 ? -1 : 1)));
  const a = image + ((<usize>near * half) << 2);
  const b = image + ((<usize>far * half) << 2);
  let x = 0;
  const most = f32x4.splat(0.75);
  const least = f32x4.splat(0.25);
  for (; x + 4 <= half; x += 4) {
    const at = <usize>x << 2;
    v128.store(columns + at, f32x4.add(f32x4.mul(most, v128.load(a + at)), f32x4.mul(least, v128.load(b + at))));
  }
  for (; x < half; x++) {
    const at = <usize>x << 2;
    store<f32>(columns + at, 0.75 * load<f32>(a + at) + 0.25 * load<f32>(b + at));
  }
  store<f32>(out, load<f32>(columns));
  x = 1;
  // Pixels 2i + 1 and 2i + 2 lie between the centres of i and i + 1.
  for (; x + 8 <= width; x += 8) {
    const at = columns + (<usize>(x >> 1) << 2);
    const left = v128.load(at);
    const right = v128.load(at, 4);
    const odd = f32x4.add(f32x4.mul(most, left), f32x4.mul(least, right));
    const even = f32x4.add(f32x4.mul(least, left), f32x4.mul(most, right));
    v128.store(out + (<usize>x << 2), v128.shuffle<f32>(odd, even, 0, 4, 1, 5));
    v128.store(out + (<usize>x << 2), v128.shuffle<f32>(odd, even, 2, 6, 3, 7), 16);
  }
  for (; x < width; x++) {
    const i = x >> 1;
    const j = min(half - 1, max(0, i + ((x & 1) == 0 ? -1 : 1)));
    const value: f32 = 0.75 * load<f32>(columns + (<usize>i << 2)) + 0.25 * load<f32>(columns + (<usize>j << 2));
    store<f32>(out + (<usize>x << 2), value);
  }
}

/**
 * Adds to a sky variance the template's (a plane of half the size, the nearest pixel) and the photons of the sources:
 * variance += templateVariance + max(0, matched) sourceVariance.
 */
export function photonRows(
  variance: usize, templateVariance: usize, matched: usize, width: i32, sourceVariance: f32,
  scratch: usize, from: i32, to: i32,
): void {
  const half = (width + 1) >> 1;
  const factor = f32x4.splat(sourceVariance);
  const zero = f32x4.splat(0);
  for (let y = from; y < to; y++) {
    const row = (<usize>y * width) << 2;
    const coarse = templateVariance + ((<usize>(y >> 1) * half) << 2);
    let x = 0;
    for (; x + 8 <= width; x += 8) {
      const at = row + (<usize>x << 2);
      const t = v128.load(coarse + (<usize>(x >> 1) << 2));
      const low = v128.shuffle<f32>(t, t, 0, 0, 1, 1);
      const high = v128.shuffle<f32>(t, t, 2, 2, 3, 3);
      const p = f32x4.mul(factor, f32x4.max(zero, v128.load(matched + at)));
      const q = f32x4.mul(factor, f32x4.max(zero, v128.load(matched + at, 16)));
      v128.store(variance + at, f32x4.add(f32x4.add(v128.load(variance + at), low), p));
      v128.store(variance + at, f32x4.add(f32x4.add(v128.load(variance + at, 16), high), q), 16);
    }
    for (; x < width; x++) {
      const at = row + (<usize>x << 2);
      const sum = load<f32>(variance + at) + load<f32>(coarse + (<usize>(x >> 1) << 2));
      store<f32>(variance + at, sum + max<f32>(0, load<f32>(matched + at)) * sourceVariance);
    }
  }
}

/** variance += max(0, image) factor: the photons of sources on an image of their own. */
export function sourceRows(
  variance: usize, image: usize, width: i32, factor: f32, scratch: usize, from: i32, to: i32,
): void {
  const end = (<usize>to * width) << 2;
  let at = (<usize>from * width) << 2;
  const f = f32x4.splat(factor);
  const zero = f32x4.splat(0);
  for (; at + 16 <= end; at += 16) {
    const photons = f32x4.mul(f, f32x4.max(zero, v128.load(image + at)));
    v128.store(variance + at, f32x4.add(v128.load(variance + at), photons));
  }
  for (; at < end; at += 4)
    store<f32>(variance + at, load<f32>(variance + at) + factor * max<f32>(0, load<f32>(image + at)));
}

/**
 * Adds what the match gets wrong: error² (flux² + wing² smeared²) + scatter² slope², the smear a plane of half the size.
 * Scratch: 2 (width + 4) f32.
 */
export function matchErrorRows(
  variance: usize, matched: usize, smeared: usize, width: i32, height: i32, error2: f32, wing2: f32, scatter2: f32,
  scratch: usize, from: i32, to: i32,
): void {
  const stride = <usize>width << 2;
  const columns = scratch;
  const smear = scratch + stride + 16;
  const zero = f32x4.splat(0);
  const error = f32x4.splat(error2);
  const wing = f32x4.splat(error2 * wing2);
  const scatter = f32x4.splat(0.25 * scatter2);
  for (let y = from; y < to; y++) {
    doubleRow(smeared, width, height, y, columns, smear);
    const row = <usize>y * stride;
    const above = matched + <usize>min(y + 1, height - 1) * stride;
    const below = matched + <usize>max(y - 1, 0) * stride;
    let x = 1;
    store<f32>(variance + row, load<f32>(variance + row) + errorAt(matched + row, above, below, smear, 4, 0, error2, wing2, scatter2));
    for (; x + 5 <= width; x += 4) {
      const i = <usize>x << 2;
      const at = matched + row + i;
      const flux = f32x4.max(zero, v128.load(at));
      const s = f32x4.max(zero, v128.load(smear + i));
      const dx = f32x4.sub(v128.load(at, 4), v128.load(at - 4));
      const dy = f32x4.sub(v128.load(above + i), v128.load(below + i));
      let sum = f32x4.mul(error, f32x4.mul(flux, flux));
      sum = f32x4.add(sum, f32x4.mul(wing, f32x4.mul(s, s)));
      sum = f32x4.add(sum, f32x4.mul(scatter, f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy))));
      v128.store(variance + row + i, f32x4.add(v128.load(variance + row + i), sum));
    }
    for (; x < width; x++) {
      const i = <usize>x << 2;
      const right = x + 1 < width ? 4 : 0;
      store<f32>(
        variance + row + i,
        load<f32>(variance + row + i) + errorAt(matched + row + i, above + i, below + i, smear + i, right, 4, error2, wing2, scatter2),
      );
    }
  }
}

function errorAt(
  at: usize, above: usize, below: usize, smear: usize, right: usize, left: usize, error2: f32, wing2: f32, scatter2: f32,
): f32 {
  const flux = max<f32>(0, load<f32>(at));
  const s = max<f32>(0, load<f32>(smear));
  const dx = load<f32>(at + right) - load<f32>(at - left);
  const dy = load<f32>(above) - load<f32>(below);
  return error2 * (flux * flux + wing2 * s * s) + 0.25 * scatter2 * (dx * dx + dy * dy);
}

/** image -= a smearA + b smearB, matched += the same, the smears planes of half the size. Scratch: 3 (width + 4) f32. */
export function wingRows(
  image: usize, matched: usize, smearA: usize, smearB: usize, width: i32, height: i32, a: f32, b: f32,
  scratch: usize, from: i32, to: i32,
): void {
  const stride = <usize>width << 2;
  const first = scratch + stride + 16;
  const second = first + stride + 16;
  const fa = f32x4.splat(a);
  const fb = f32x4.splat(b);
  for (let y = from; y < to; y++) {
    doubleRow(smearA, width, height, y, scratch, first);
    doubleRow(smearB, width, height, y, scratch, second);
    const row = <usize>y * stride;
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const i = <usize>x << 2;
      const wing = f32x4.add(f32x4.mul(fa, v128.load(first + i)), f32x4.mul(fb, v128.load(second + i)));
      v128.store(image + row + i, f32x4.sub(v128.load(image + row + i), wing));
      v128.store(matched + row + i, f32x4.add(v128.load(matched + row + i), wing));
    }
    for (; x < width; x++) {
      const i = <usize>x << 2;
      const wing = a * load<f32>(first + i) + b * load<f32>(second + i);
      store<f32>(image + row + i, load<f32>(image + row + i) - wing);
      store<f32>(matched + row + i, load<f32>(matched + row + i) + wing);
    }
  }
}

/** score /= sqrt(variance smoothed by the taps), 0 where there is no variance. Scratch: 2 (width + 16) f32. */
export function significanceRows(
  score: usize, variance: usize, width: i32, height: i32, taps: usize, half: i32,
  scratch: usize, from: i32, to: i32,
): void {
  const stride = <usize>width << 2;
  const smooth = scratch + stride + 64;
  const zero = f32x4.splat(0);
  for (let y = from; y < to; y++) {
    smoothColumns(variance, scratch, width, height, taps, half, y);
    smoothAlong(scratch, smooth, width, taps, half);
    const row = score + <usize>y * stride;
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const i = <usize>x << 2;
      const v = v128.load(smooth + i);
      const ratio = f32x4.div(v128.load(row + i), f32x4.sqrt(v));
      v128.store(row + i, v128.bitselect(ratio, zero, f32x4.gt(v, zero)));
    }
    for (; x < width; x++) {
      const i = <usize>x << 2;
      const v = load<f32>(smooth + i);
      store<f32>(row + i, v > 0 ? load<f32>(row + i) / sqrt<f32>(v) : 0);
    }
  }
}

/** Sets to 0 the pixels that have any bit of `bits` in the u16 mask. */
export function blankRows(image: usize, mask: usize, width: i32, bits: i32, scratch: usize, from: i32, to: i32): void {
  const wanted = i16x8.splat(<i16>bits);
  const zero = i16x8.splat(0);
  const end = <usize>to * width;
  let at = <usize>from * width;
  for (; at + 8 <= end; at += 8) {
    const marked = i16x8.ne(v128.and(v128.load(mask + (at << 1)), wanted), zero);
    const pixel = image + (at << 2);
    v128.store(pixel, v128.andnot(v128.load(pixel), i32x4.extend_low_i16x8_s(marked)));
    v128.store(pixel, v128.andnot(v128.load(pixel, 16), i32x4.extend_high_i16x8_s(marked)), 16);
  }
  for (; at < end; at++) if ((load<u16>(mask + (at << 1)) & bits) != 0) store<f32>(image + (at << 2), 0);
}
