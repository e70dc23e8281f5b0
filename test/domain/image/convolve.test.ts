import { describe, expect, it } from 'vitest';
import { smoothGaussian } from '#shared/domain/image/convolve.ts';
import { random } from '../../support/scene.ts';

const [width, height] = [250, 131];
const draw = random(3);
const image = Float32Array.from({ length: width * height }, () => draw.normal());

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
