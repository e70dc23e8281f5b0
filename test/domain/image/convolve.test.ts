import { describe, expect, it } from 'vitest';
import { convolveVarying, smoothGaussian } from '#shared/domain/image/convolve.ts';
import { random } from '../../support/scene.ts';

const [width, height, half] = [250, 131, 5];
const side = 2 * half + 1;
const draw = random(3);
const image = Float32Array.from({ length: width * height }, () => draw.normal());
const kernels = [0, 1].map(() => ({
  half,
  values: Float64Array.from({ length: side * side }, () => draw.normal()),
}));

function direct(x: number, y: number, values: Float64Array): number {
  let sum = 0;
  for (let j = -half; j <= half; j++) {
    for (let i = -half; i <= half; i++) {
      const [px, py] = [x - i, y - j];
      if (px >= 0 && py >= 0 && px < width && py < height)
        sum += values[(j + half) * side + i + half] * image[py * width + px];
    }
  }
  return sum;
}

describe('convolution in FFT tiles', () => {
  it('equals the direct sum at every pixel, edges and seams included', () => {
    const out = convolveVarying(image, width, height, half, () => kernels[0]);
    for (let y = 0; y < height; y += 3) {
      for (let x = 0; x < width; x++)
        expect(out[y * width + x]).toBeCloseTo(direct(x, y, kernels[0].values), 3);
    }
  });

  it('takes the kernel of each tile', () => {
    const out = convolveVarying(image, width, height, half, (_, y) => kernels[y < 100 ? 0 : 1]);
    expect(out[10 * width + 200]).toBeCloseTo(direct(200, 10, kernels[0].values), 3);
    expect(out[125 * width + 20]).toBeCloseTo(direct(20, 125, kernels[1].values), 3);
  });
});

describe('Gaussian smoothing', () => {
  it('keeps a flat image flat up to the edge', () => {
    const flat = smoothGaussian(new Float32Array(40 * 30).fill(7), 40, 30, 2.5);
    for (const value of flat) expect(value).toBeCloseTo(7, 5);
  });

  it('lowers white noise by 2 sqrt(pi) sigma', () => {
    const smooth = smoothGaussian(image, width, height, 2);
    const rms = Math.sqrt(smooth.reduce((sum, value) => sum + value * value, 0) / smooth.length);
    expect(rms).toBeGreaterThan(0.12);
    expect(rms).toBeLessThan(0.16);
  });
});
