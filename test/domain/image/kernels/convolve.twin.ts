import type { Kernel } from '#shared/domain/image/convolve.ts';

/** The sum that defines a convolution, at every pixel with the kernel of its pair of tiles. */
export function convolveTwin(
  image: Float32Array,
  width: number,
  height: number,
  half: number,
  kernelAt: (x: number, y: number) => Kernel,
): Float32Array {
  const useful = 128 - 2 * half;
  const side = 2 * half + 1;
  return image.map((_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    const centreX = (Math.floor(x / (2 * useful)) * 2 + 1) * useful;
    const centreY = (Math.floor(y / useful) + 0.5) * useful;
    const { values } = kernelAt(Math.min(width - 1, centreX), Math.min(height - 1, centreY));
    let sum = 0;
    for (let j = Math.max(-half, y - height + 1); j <= Math.min(half, y); j++) {
      for (let i = Math.max(-half, x - width + 1); i <= Math.min(half, x); i++)
        sum += values[(j + half) * side + i + half] * image[(y - j) * width + x - i];
    }
    return sum;
  });
}
