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
