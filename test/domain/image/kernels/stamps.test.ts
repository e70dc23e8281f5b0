import { describe, expect, test } from 'vitest';
import { kernelBasis } from '#shared/domain/image/kernel-basis.ts';
import { buildStamps } from '#shared/domain/image/kernel-stamps.ts';
import type { SkyPlane } from '#shared/domain/image/patch.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { noise } from './planes.ts';
import { stampTwin } from './stamps.twin.ts';

const [width, height] = [90, 80];

/** Noise around a bright star, its variance rising along x. */
function planeOf(seed: number, fwhm: number): SkyPlane {
  const image = noise(width * height, seed);
  for (let at = 0; at < image.length; at++) {
    const [x, y] = [(at % width) - 40, Math.floor(at / width) - 35];
    image[at] += 5000 * Math.exp((-2.77 * (x * x + y * y)) / fwhm ** 2);
  }
  const varianceAt = (x: number): number => 1 + Math.floor(x / 4) / 50;
  return { width, height, image, mask: new Uint16Array(image.length), varianceAt };
}

const [source, target] = [planeOf(1, 3.3), planeOf(2, 4)];
const weigh = (flux: number, ofTarget: number, ofSource: number): number =>
  1 / (ofTarget + 0.1 * ofSource + (0.01 * Math.max(0, flux)) ** 2);

describe.each([
  ['6,4,2', [6, 4, 2], 10],
  ['4,2,2', [4, 2, 2], 10],
  ['2,1,0', [2, 1, 0], 7],
])('products of stamps with degrees %s', (_, degrees, half) => {
  const basis = kernelBasis([0.7, 1.4, 2.8], degrees, half);
  const positions = [
    { x: 40, y: 35 },
    { x: 36, y: 40 },
    { x: 52, y: 44 },
  ];

  test('are those of convolutions by the defining sums', () => {
    const built = buildStamps(createWorkspace(), source, target, basis, positions, weigh);
    for (const { x, y, products } of built.stamps) {
      // Variances are taken at every fourth pixel from the stamp's corner.
      const at = (p: number, centre: number): number => p - ((p - centre + 16) % 4);
      const expected = stampTwin(source, target, basis, x, y, (px, py) =>
        weigh(
          target.image[py * width + px],
          target.varianceAt(at(px, x), at(py, y)),
          source.varianceAt(at(px, x), at(py, y)),
        ),
      );
      for (const [k, row] of expected.entries()) {
        for (let l = 0; l <= k; l++) {
          const scale = Math.sqrt(row[k] * expected[l][l]);
          expect(Math.abs(products[k * built.size + l] - row[l]) / scale).toBeLessThan(1e-6);
        }
      }
    }
  });

  test('do not depend on the stamps before', () => {
    const together = buildStamps(createWorkspace(), source, target, basis, positions, weigh);
    positions.forEach((position, k) => {
      const alone = buildStamps(createWorkspace(), source, target, basis, [position], weigh);
      expect(alone.stamps[0].products).toEqual(together.stamps[k].products);
      expect(alone.stamps[0].noise).toBe(together.stamps[k].noise);
    });
  });
});
