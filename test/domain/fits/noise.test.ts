import { expect, it } from 'vitest';
import { rowNoise } from '#shared/domain/fits/noise.ts';

function gaussian(length: number, sigma: number): Float32Array {
  let seed = 7;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  return Float32Array.from(
    { length },
    () => sigma * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random()),
  );
}

it('is the sigma of white noise, on a slope and beside stars and NaN, too', () => {
  const sky = gaussian(4096, 30);
  expect(rowNoise(sky) / 30).toBeCloseTo(1, 1);
  const field = sky.map((value, x) => value + 3 * x + (x % 200 < 3 ? 5e4 : 0));
  field.fill(Number.NaN, 900, 950);
  expect(rowNoise(field) / rowNoise(sky)).toBeCloseTo(1, 1);
});

it('is the smallest of the three orders where neighbours are not independent', () => {
  const sky = gaussian(4096, 30);
  const smooth = sky.map((_, x) => (sky[x] + (sky[x + 1] ?? 0) + (sky[x + 2] ?? 0)) / 3);
  expect(rowNoise(smooth)).toBeLessThan(30 / Math.sqrt(3));
});

it('is 0 for constant rows and those of fewer than nine pixels', () => {
  expect(rowNoise(new Float32Array(100).fill(5))).toBe(0);
  expect(rowNoise(gaussian(8, 30))).toBe(0);
  expect(rowNoise(new Float32Array(0))).toBe(0);
});
