import { type FourierPlan, planFourier } from './fourier.ts';

/** A square kernel of (2 half + 1)² values, row-major, its centre in the middle. */
export interface Kernel {
  readonly half: number;
  readonly values: Float64Array;
}

const TILE = 128;

/**
 * Convolves an image with a kernel that varies over it, in FFT tiles of 128² (128 - 2 half useful pixels), two
 * neighbours as real and imaginary part with the kernel of their common centre. Outside the image is 0.
 * Linear in the image; the kernel is a step function of position on that grid.
 */
export function convolveVarying(
  image: Float32Array,
  width: number,
  height: number,
  half: number,
  kernelAt: (x: number, y: number) => Kernel,
): Float32Array {
  const plan = planFourier(TILE);
  const useful = TILE - 2 * half;
  const out = new Float32Array(width * height);
  const re = new Float64Array(TILE * TILE);
  const im = new Float64Array(TILE * TILE);
  const spectrum = {
    kernel: undefined as Kernel | undefined,
    re: new Float64Array(TILE * TILE),
    im: new Float64Array(TILE * TILE),
  };
  for (let y = 0; y < height; y += useful) {
    for (let x = 0; x < width; x += 2 * useful) {
      const kernel = kernelAt(Math.min(width - 1, x + useful), Math.min(height - 1, y + useful / 2));
      if (kernel !== spectrum.kernel) transformKernel(plan, kernel, spectrum.re, spectrum.im);
      spectrum.kernel = kernel;
      gather(image, width, height, x - half, y - half, re);
      gather(image, width, height, x + useful - half, y - half, im);
      plan.forward(re, im);
      multiply(re, im, spectrum.re, spectrum.im);
      plan.inverse(re, im);
      scatter(re, out, width, height, x, y, half, useful);
      scatter(im, out, width, height, x + useful, y, half, useful);
    }
  }
  return out;
}

function transformKernel(plan: FourierPlan, kernel: Kernel, re: Float64Array, im: Float64Array): void {
  const side = 2 * kernel.half + 1;
  re.fill(0);
  im.fill(0);
  for (let j = 0; j < side; j++) {
    const y = (j - kernel.half + TILE) % TILE;
    for (let i = 0; i < side; i++)
      re[y * TILE + ((i - kernel.half + TILE) % TILE)] = kernel.values[j * side + i];
  }
  plan.forward(re, im);
}

function multiply(re: Float64Array, im: Float64Array, kre: Float64Array, kim: Float64Array): void {
  for (let i = 0; i < re.length; i++) {
    const r = re[i] * kre[i] - im[i] * kim[i];
    im[i] = re[i] * kim[i] + im[i] * kre[i];
    re[i] = r;
  }
}

function gather(
  image: Float32Array,
  width: number,
  height: number,
  x0: number,
  y0: number,
  tile: Float64Array,
): void {
  tile.fill(0);
  const left = Math.max(0, -x0);
  const right = Math.min(TILE, width - x0);
  for (let j = Math.max(0, -y0), end = Math.min(TILE, height - y0); j < end; j++) {
    const row = (y0 + j) * width + x0;
    for (let i = left; i < right; i++) tile[j * TILE + i] = image[row + i];
  }
}

function scatter(
  tile: Float64Array,
  out: Float32Array,
  width: number,
  height: number,
  x0: number,
  y0: number,
  half: number,
  useful: number,
): void {
  const columns = Math.min(useful, width - x0);
  for (let j = 0, end = Math.min(useful, height - y0); j < end; j++) {
    const from = (j + half) * TILE + half;
    const to = (y0 + j) * width + x0;
    for (let i = 0; i < columns; i++) out[to + i] = tile[from + i];
  }
}

/** The kernel turned by 180 degrees: convolving with it is correlating with the kernel. */
export function reversed(kernel: Kernel): Kernel {
  return { half: kernel.half, values: Float64Array.from(kernel.values).reverse() };
}

/** Gaussian smoothing by two passes of 2 ceil(3 sigma) + 1 taps; at the edge the weights that remain are renormalised. */
export function smoothGaussian(
  image: Float32Array,
  width: number,
  height: number,
  sigma: number,
): Float32Array {
  const half = Math.min(Math.ceil(3 * sigma), width - 1, height - 1);
  // taps[k] is the weight at distance k, so that both sides share one product.
  const taps = Float64Array.from({ length: half + 1 }, (_, k) => Math.exp(-0.5 * (k / sigma) ** 2));
  const total = taps[0] + 2 * taps.subarray(1).reduce((sum, tap) => sum + tap, 0);
  const rows = new Float32Array(width * height);
  for (let y = 0; y < height; y++) smoothRow(image, rows, y * width, width, taps, total);
  const out = new Float32Array(width * height);
  const sum = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const weight = smoothColumn(rows, sum, y, width, height, taps);
    for (let x = 0, row = y * width; x < width; x++) out[row + x] = sum[x] / weight;
  }
  return out;
}

/** Weighted sum of the rows around y, into `sum`; answers the sum of the weights that lie inside. */
function smoothColumn(
  rows: Float32Array,
  sum: Float64Array,
  y: number,
  width: number,
  height: number,
  taps: Float64Array,
): number {
  const first = taps[0];
  let weight = first;
  for (let x = 0, row = y * width; x < width; x++) sum[x] = first * rows[row + x];
  for (let k = 1; k < taps.length; k++) {
    const tap = taps[k];
    const [above, below] = [y + k < height, y - k >= 0];
    const [a, b] = [(y + k) * width, (y - k) * width];
    if (above && below) for (let x = 0; x < width; x++) sum[x] += tap * (rows[a + x] + rows[b + x]);
    else if (above) for (let x = 0; x < width; x++) sum[x] += tap * rows[a + x];
    else if (below) for (let x = 0; x < width; x++) sum[x] += tap * rows[b + x];
    weight += tap * ((above ? 1 : 0) + (below ? 1 : 0));
  }
  return weight;
}

function smoothRow(
  image: Float32Array,
  out: Float32Array,
  row: number,
  width: number,
  taps: Float64Array,
  total: number,
): void {
  const half = taps.length - 1;
  const first = taps[0];
  for (let x = 0; x < width; x++) {
    const at = row + x;
    let sum = first * image[at];
    if (x >= half && x < width - half) {
      for (let k = 1; k <= half; k++) sum += taps[k] * (image[at - k] + image[at + k]);
      out[at] = sum / total;
      continue;
    }
    let weight = first;
    for (let k = 1; k <= half; k++) {
      if (x - k >= 0) {
        sum += taps[k] * image[at - k];
        weight += taps[k];
      }
      if (x + k < width) {
        sum += taps[k] * image[at + k];
        weight += taps[k];
      }
    }
    out[at] = sum / weight;
  }
}
