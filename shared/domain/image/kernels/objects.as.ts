import { smoothAlong, smoothColumns } from './smooth.as';

/** Pixels at the edges in which no peak is taken. */
const BORDER: i32 = 4;

/**
 * Finds the local maxima over 5x5 pixels, above `threshold`, of the image smoothed by the taps, rows [from, to); of
 * equal neighbours the first is the peak. Each is stored as its index in the image (i32) and its smoothed value (f32) at
 * the place that `count` (i32, of all threads) gives it, as long as there is room for `most`.
 *
 * Scratch: 6 (width + 16) f32: a row of sums and five smoothed rows.
 */
export function peakRows(
  image: usize, width: i32, height: i32, taps: usize, half: i32, threshold: f32, peaks: usize, most: i32, count: usize,
  scratch: usize, from: i32, to: i32,
): void {
  const stride = (<usize>width + 16) << 2;
  const first = max(from, BORDER);
  const last = min(to, height - BORDER);
  const limit = f32x4.splat(threshold);
  const ring = scratch + stride;
  if (first >= last) return;
  for (let y = first - 2; y < first + 2; y++) smoothRow(image, ring, stride, width, height, taps, half, scratch, y);
  for (let y = first; y < last; y++) {
    smoothRow(image, ring, stride, width, height, taps, half, scratch, y + 2);
    const row = ring + <usize>(y % 5) * stride;
    for (let x = BORDER; x < width - BORDER; x += 4) {
      if (!v128.any_true(f32x4.gt(v128.load(row + (<usize>x << 2)), limit))) continue;
      for (let i = x; i < min(x + 4, width - BORDER); i++) {
        const value = load<f32>(row + (<usize>i << 2));
        if (!(value > threshold) || !isPeak(ring, stride, i, y, value)) continue;
        const at = atomic.add<i32>(count, 1);
        if (at >= most) continue;
        store<i32>(peaks + (<usize>at << 3), y * width + i);
        store<f32>(peaks + (<usize>at << 3), value, 4);
      }
    }
  }
}

function smoothRow(
  image: usize, ring: usize, stride: usize, width: i32, height: i32, taps: usize, half: i32, sums: usize, y: i32,
): void {
  smoothColumns(image, sums, width, height, taps, half, y);
  smoothAlong(sums, ring + <usize>(y % 5) * stride, width, taps, half);
}

function isPeak(ring: usize, stride: usize, x: i32, y: i32, value: f32): bool {
  for (let j = -2; j <= 2; j++) {
    const row = ring + <usize>((y + j) % 5) * stride + (<usize>x << 2) - 8;
    for (let i = 0; i < 5; i++) {
      const near = load<f32>(row + (<usize>i << 2));
      if (near > value || (near == value && (j < 0 || (j == 0 && i < 2)))) return false;
    }
  }
  return true;
}
