import type { Kernel } from './convolve.ts';
import { type FourierPlan, planFourier } from './fourier.ts';

const TILE = 128;

/**
 * As convolve.ts, without a workspace, until nobody calls it.
 *
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
