import { describe, expect, test } from 'vitest';
import { convolveVarying, type Kernel } from '#shared/domain/image/convolve.ts';
import { createWorkspace, SCRATCH_BYTES } from '#shared/domain/image/workspace.ts';
import { convolveTwin } from './convolve.twin.ts';
import { largestDifference, noise } from './planes.ts';

const kernelOf = (half: number, seed: number): Kernel => ({
  half,
  values: Float64Array.from(noise((2 * half + 1) ** 2, seed), (value) => value / (2 * half + 1)),
});

const convolve = (
  pixels: Float32Array,
  width: number,
  height: number,
  half: number,
  kernelAt: (x: number, y: number) => Kernel,
): Float32Array => {
  const workspace = createWorkspace();
  const [image, out] = [workspace.floats(pixels.length), workspace.floats(pixels.length)];
  image.set(pixels);
  out.fill(Number.NaN);
  convolveVarying(workspace, image, out, width, height, half, kernelAt);
  return out;
};

describe('convolution in FFT tiles', () => {
  test.each([
    [250, 131, 5],
    [431, 119, 10],
    [117, 40, 12],
    [100, 90, 19],
    [9, 7, 3],
  ])('equals the sums that define it: %i x %i pixels, half side %i', (width, height, half) => {
    const image = noise(width * height, 1);
    const kernels = [kernelOf(half, 2), kernelOf(half, 3)];
    const kernelAt = (x: number, y: number): Kernel => kernels[x + y > 200 ? 1 : 0];
    const expected = convolveTwin(image, width, height, half, kernelAt);
    expect(largestDifference(convolve(image, width, height, half, kernelAt), expected)).toBeLessThan(1e-5);
  });

  test('is linear', () => {
    const [width, height, half] = [230, 125, 8];
    const [a, b] = [noise(width * height, 1), noise(width * height, 2)];
    const kernel = kernelOf(half, 3);
    const both = a.map((value, at) => 3 * value - b[at]);
    const [ofA, ofB] = [a, b].map((image) => convolve(image, width, height, half, () => kernel));
    const sum = ofA.map((value, at) => 3 * value - ofB[at]);
    expect(
      largestDifference(
        convolve(both, width, height, half, () => kernel),
        sum,
      ),
    ).toBeLessThan(2e-5);
  });

  test('a kernel of one pixel off its centre moves the image by as much', () => {
    const [width, height, half] = [260, 130, 10];
    const image = noise(width * height, 1);
    const values = new Float64Array((2 * half + 1) ** 2);
    values[(half + 1) * (2 * half + 1) + half - 2] = 1;
    const expected = image.map((_, at) =>
      at % width < width - 2 && at >= width ? image[at - width + 2] : 0,
    );
    expect(
      largestDifference(
        convolve(image, width, height, half, () => ({ half, values })),
        expected,
      ),
    ).toBeLessThan(1e-5);
  });

  test('asks for kernels at the centres of pairs of tiles, inside the image', () => {
    const asked: number[][] = [];
    const kernel = kernelOf(10, 1);
    convolve(noise(300 * 150, 1), 300, 150, 10, (x, y) => {
      asked.push([x, y]);
      return kernel;
    });
    expect(asked).toEqual([
      [108, 54],
      [299, 54],
      [108, 149],
      [299, 149],
    ]);
  });

  test('gives the same bytes however its rows are shared', () => {
    const [width, height, half] = [300, 520, 10];
    const image = noise(width * height, 1);
    const kernels = [kernelOf(half, 2), kernelOf(half, 3)];
    const kernelAt = (x: number): Kernel => kernels[x > 200 ? 1 : 0];
    const whole = convolve(image, width, height, half, kernelAt);
    const solo = createWorkspace();
    const workspace = {
      ...solo,
      strips: (kernel: Parameters<typeof solo.run>[0], rows: number, args: readonly number[]): void => {
        const scratch = solo.bytes(SCRATCH_BYTES).fill(7).byteOffset;
        for (let row = rows - 1; row >= 0; row--) solo.run(kernel, ...args, scratch, row, row + 1);
      },
    };
    const [view, out] = [workspace.floats(image.length), workspace.floats(image.length)];
    view.set(image);
    convolveVarying(workspace, view, out, width, height, half, kernelAt);
    expect(largestDifference(out, whole)).toBe(0);
  });
});
