import { twiddleFactors } from './fourier.ts';
import type { Workspace } from './workspace.ts';

/** A square kernel of (2 half + 1)² values, row-major, its centre in the middle. */
export interface Kernel {
  readonly half: number;
  readonly values: Float64Array;
}

/** Side of the FFT tiles: 256² waste less on their borders, but need a cache of 1 MB. */
const TILE = 128;

/**
 * Convolves an image with a kernel that varies over it, in FFT tiles of 128² (128 - 2 half useful pixels), two
 * neighbours as real and imaginary part with the kernel of their common centre. Outside the image is 0.
 * Linear in the image; the kernel is a step function of position on that grid.
 *
 * @param image in the workspace, width x height
 * @param out another plane of that size
 * @param kernelAt kernels of the given half side, below 64; places that share one had better get the same object
 */
export function convolveVarying(
  workspace: Workspace,
  image: Float32Array,
  out: Float32Array,
  width: number,
  height: number,
  half: number,
  kernelAt: (x: number, y: number) => Kernel,
): void {
  const useful = TILE - 2 * half;
  const [pairs, rows] = [Math.ceil(width / (2 * useful)), Math.ceil(height / useful)];
  const distinct = new Map<Kernel, number>();
  const indices = workspace.integers(pairs * rows);
  for (let at = 0; at < indices.length; at++) {
    const x = (2 * (at % pairs) + 1) * useful;
    const y = (Math.floor(at / pairs) + 0.5) * useful;
    const kernel = kernelAt(Math.min(width - 1, x), Math.min(height - 1, y));
    const known = distinct.get(kernel) ?? distinct.size;
    distinct.set(kernel, known);
    indices[at] = known;
  }
  const kernels = packKernels(workspace, [...distinct.keys()], half);
  const twiddles = twiddleFactors(workspace, TILE);
  workspace.strips('convolveTiles', rows, [
    image.byteOffset,
    out.byteOffset,
    width,
    height,
    half,
    kernels.byteOffset,
    indices.byteOffset,
    twiddles.byteOffset,
  ]);
  workspace.release(indices, kernels, twiddles);
}

/** The kernels one after another, with the factor that the inverse transform leaves out. */
function packKernels(workspace: Workspace, kernels: readonly Kernel[], half: number): Float32Array {
  const size = (2 * half + 1) ** 2;
  const packed = workspace.floats(kernels.length * size);
  kernels.forEach(({ values }, k) => {
    for (let i = 0; i < size; i++) packed[k * size + i] = values[i] / (TILE * TILE);
  });
  return packed;
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
