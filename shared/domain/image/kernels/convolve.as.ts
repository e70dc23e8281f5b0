import { forwardCorner, forwardTile, inverseTile, pitchOf, planeBytes } from './fourier.as';

const TILE = 128;

/**
 * Convolves tile rows [from, to) of an image, each of TILE - 2 half rows of pixels, with kernels that vary over it. Two
 * neighbouring tiles are the real and the imaginary part of one transform and share a kernel. Outside of the image is 0.
 *
 * kernels: f32, (2 half + 1)² each, divided by TILE²; indices: i32, the kernel of every pair, by rows of pairs;
 * scratch: 6 planes of a tile.
 */
export function convolveTiles(
  image: usize, out: usize, width: i32, height: i32, half: i32, kernels: usize, indices: usize, twiddles: usize,
  scratch: usize, from: i32, to: i32,
): void {
  const useful = TILE - 2 * half;
  const side = 2 * half + 1;
  const pairs = (width + 2 * useful - 1) / (2 * useful);
  const plane = planeBytes(TILE);
  const tile = scratch;
  const spectrum = tile + 2 * plane;
  const kernel = spectrum + 2 * plane;
  let last = -1;
  for (let row = from; row < to; row++) {
    const y = row * useful;
    for (let pair = 0; pair < pairs; pair++) {
      const index = load<i32>(indices + (<usize>(row * pairs + pair) << 2));
      if (index != last) transformKernel(kernels + (<usize>(index * side * side) << 2), side, tile, kernel, twiddles);
      last = index;
      const x = pair * 2 * useful;
      gather(image, width, height, x - half, y - half, tile);
      gather(image, width, height, x + useful - half, y - half, tile + plane);
      forwardTile(tile, spectrum, TILE, twiddles);
      multiply(spectrum, kernel);
      inverseTile(spectrum, tile, TILE, twiddles, 2 * half);
      scatter(tile, out, width, height, x, y, half);
      scatter(tile + plane, out, width, height, x + useful, y, half);
    }
  }
}

/** Spectrum of a kernel whose first value, not its centre, lies at (0, 0): results are (half, half) further on. */
function transformKernel(values: usize, side: i32, tile: usize, spectrum: usize, twiddles: usize): void {
  const pitch = <usize>pitchOf(TILE) << 2;
  const isSmall = 4 * ((side + 3) & ~3) <= TILE;
  memory.fill(tile, 0, isSmall ? pitch * side : planeBytes(TILE));
  memory.fill(tile + planeBytes(TILE), 0, isSmall ? pitch * side : planeBytes(TILE));
  for (let y = 0; y < side; y++) copy(values + (<usize>(y * side) << 2), tile + <usize>y * pitch, side);
  if (isSmall) forwardCorner(tile, spectrum, TILE, side, twiddles);
  else forwardTile(tile, spectrum, TILE, twiddles);
}

/** a *= b, complex. */
function multiply(a: usize, b: usize): void {
  const imaginary = planeBytes(TILE);
  const end = a + imaginary;
  for (let p = a, q = b; p < end; p += 16, q += 16) {
    const pr = v128.load(p);
    const pi = v128.load(p + imaginary);
    const qr = v128.load(q);
    const qi = v128.load(q + imaginary);
    v128.store(p, f32x4.sub(f32x4.mul(pr, qr), f32x4.mul(pi, qi)));
    v128.store(p + imaginary, f32x4.add(f32x4.mul(pr, qi), f32x4.mul(pi, qr)));
  }
}

/** TILE² pixels of the image from (x0, y0) on, which may lie outside. */
function gather(image: usize, width: i32, height: i32, x0: i32, y0: i32, plane: usize): void {
  const pitch = <usize>pitchOf(TILE) << 2;
  const left = max(0, -x0);
  const right = min(TILE, width - x0);
  const top = max(0, -y0);
  const bottom = min(TILE, height - y0);
  if (left > 0 || top > 0 || right < TILE || bottom < TILE) memory.fill(plane, 0, planeBytes(TILE));
  if (right <= left) return;
  for (let y = top; y < bottom; y++) {
    const from = image + ((<usize>(y0 + y) * width + x0 + left) << 2);
    copy(from, plane + <usize>y * pitch + (<usize>left << 2), right - left);
  }
}

/** The useful pixels of a plane to the image from (x0, y0) on, as far as they lie inside. */
function scatter(plane: usize, out: usize, width: i32, height: i32, x0: i32, y0: i32, half: i32): void {
  const useful = TILE - 2 * half;
  const pitch = <usize>pitchOf(TILE) << 2;
  const columns = min(useful, width - x0);
  const rows = min(useful, height - y0);
  const first = plane + <usize>(2 * half) * pitch + (<usize>(2 * half) << 2);
  for (let y = 0; y < rows; y++)
    copy(first + <usize>y * pitch, out + ((<usize>(y0 + y) * width + x0) << 2), columns);
}

function copy(from: usize, to: usize, count: i32): void {
  let x = 0;
  for (; x + 4 <= count; x += 4) v128.store(to + (<usize>x << 2), v128.load(from + (<usize>x << 2)));
  for (; x < count; x++) store<f32>(to + (<usize>x << 2), load<f32>(from + (<usize>x << 2)));
}
