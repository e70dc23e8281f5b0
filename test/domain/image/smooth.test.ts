import { describe, expect, it } from 'vitest';
import { smoothGaussian } from '#shared/domain/image/smooth.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { noise } from './kernels/planes.ts';

function smoothed(pixels: Float32Array, width: number, sigma: number): Float32Array {
  const workspace = createWorkspace();
  const [image, out] = [workspace.floats(pixels.length), workspace.floats(pixels.length)];
  image.set(pixels);
  smoothGaussian(workspace, image, out, width, pixels.length / width, sigma);
  return out;
}

describe('Gaussian smoothing', () => {
  it('keeps a flat image flat up to the edge', () => {
    for (const value of smoothed(new Float32Array(40 * 30).fill(7), 40, 2.5)) expect(value).toBeCloseTo(7, 5);
  });

  it('lowers white noise by 2 sqrt(pi) sigma', () => {
    const smooth = smoothed(noise(250 * 131, 3), 250, 2);
    const rms = Math.sqrt(smooth.reduce((sum, value) => sum + value * value, 0) / smooth.length);
    expect(rms).toBeGreaterThan(0.12);
    expect(rms).toBeLessThan(0.16);
  });
});
