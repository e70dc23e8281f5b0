import { describe, expect, it } from 'vitest';
import { random } from '../../../support/scene.ts';
import { planFourier } from './fourier.twin.ts';

describe('the FFT', () => {
  const size = 16;
  const plan = planFourier(size);
  const draw = random(1);
  const real = Float64Array.from({ length: size * size }, () => draw.normal());
  const imaginary = Float64Array.from({ length: size * size }, () => draw.normal());

  it('returns to where it started', () => {
    const [re, im] = [Float64Array.from(real), Float64Array.from(imaginary)];
    plan.forward(re, im);
    plan.inverse(re, im);
    for (let i = 0; i < re.length; i++) {
      expect(re[i]).toBeCloseTo(real[i], 12);
      expect(im[i]).toBeCloseTo(imaginary[i], 12);
    }
  });

  it('holds the values of the sum that defines it, bit-reversed and transposed', () => {
    const [re, im] = [Float64Array.from(real), Float64Array.from(imaginary)];
    plan.forward(re, im);
    const reversedBits = (k: number): number =>
      Number.parseInt(k.toString(2).padStart(4, '0').split('').reverse().join(''), 2);
    for (const [u, v] of [
      [0, 0],
      [1, 0],
      [3, 5],
      [15, 8],
    ]) {
      let [sr, si] = [0, 0];
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const angle = (-2 * Math.PI * (u * x + v * y)) / size;
          const k = y * size + x;
          sr += real[k] * Math.cos(angle) - imaginary[k] * Math.sin(angle);
          si += real[k] * Math.sin(angle) + imaginary[k] * Math.cos(angle);
        }
      }
      const at = reversedBits(u) * size + reversedBits(v);
      expect(re[at]).toBeCloseTo(sr, 9);
      expect(im[at]).toBeCloseTo(si, 9);
    }
  });
});
