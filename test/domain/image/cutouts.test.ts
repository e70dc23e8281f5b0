import { describe, expect, it } from 'vitest';
import { hduNamed, readFits } from '#shared/domain/fits/read.ts';
import { cutStamps } from '#shared/domain/image/cutouts.ts';
import type { Scene } from '#shared/domain/image/measure.ts';
import { plainDifference } from '../../support/plain-difference.ts';

describe('the stamps of a source', () => {
  const plain = plainDifference({ width: 90, height: 70, seed: 1, points: [] });
  const { difference } = plain;
  const science = { ...plain.science, image: difference.image.image.map((_, i) => i - 3000) };
  const scene: Scene = { ...plain, science, sourceVariance: 2.5 };

  it('show its pixels with the photon noise of what shines in them, NaN beside the image', () => {
    const stamps = cutStamps(scene, { x: 84, y: 35, bboxSize: 7 }, undefined);
    const hdus = readFits(stamps.science);
    const [pixels, variance] = [hdus[0].image?.pixels ?? [], hduNamed(hdus, 'UNCERT')?.image?.pixels ?? []];
    expect(pixels).toHaveLength(900);
    for (let j = 0; j < 30; j++) {
      for (let i = 0; i < 30; i++) {
        const [x, y] = [69 + i, 20 + j];
        const at = y * 90 + x;
        const value = pixels[j * 30 + i];
        if (x > 89) {
          expect(value).toBeNaN();
          continue;
        }
        expect(value).toBe(at - 3000);
        const photons = Math.max(0, at - 3000) * 2.5;
        expect(variance[j * 30 + i]).toBeCloseTo(difference.image.variance[at] + photons, 1);
      }
    }
    expect(hduNamed(readFits(stamps.difference), 'UNCERT')?.image?.pixels[0]).toBeCloseTo(
      difference.image.variance[20 * 90 + 69],
      3,
    );
  });
});
