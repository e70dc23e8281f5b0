import { describe, expect, test } from 'vitest';
import { measureBackground } from '#shared/domain/image/background-mesh.ts';
import { growMask } from '#shared/domain/image/grow-mask.ts';
import { MASK, UNUSABLE } from '#shared/domain/image/masked-image.ts';
import { backgroundSpline, subtractSpline } from '#shared/domain/image/mesh-spline.ts';
import { findPeaks } from '#shared/domain/image/peaks.ts';
import { psfAt } from '#shared/domain/image/psf.ts';
import { skyNoise } from '#shared/domain/image/sky-noise.ts';
import { surveyStars } from '#shared/domain/image/survey-stars.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { moffatValue } from '../../support/imaging/moffat-stamp.ts';
import { FULL_WELL, READ_NOISE, sciencePsf } from '../../support/imaging/recipe.ts';
import { makeScene } from '../../support/imaging/scene.ts';

const recipe = { kind: 'base', seed: 3, width: 2036, height: 2000 } as const;

describe('the stars of a synthetic field', () => {
  const { width, height } = recipe;
  const { science, truth } = makeScene(recipe);
  const workspace = createWorkspace();
  const image = workspace.floats(width * height);
  const mask = workspace.words(width * height);
  image.set(science.pixels);
  mask.set(science.pixels.map((value) => (value >= FULL_WELL ? MASK.SAT : 0)));
  growMask(workspace, mask, width, height, MASK.SAT, 2);
  const background = measureBackground(workspace, image, mask, width, height, UNUSABLE);
  subtractSpline(workspace, image, backgroundSpline(background, 'level'));
  const { varianceAt } = skyNoise(background, READ_NOISE);
  const plane = { width, height, image, mask, varianceAt };
  const { objects, stars, psf } = surveyStars(workspace, plane);

  test('are stars', () => {
    const bright = truth.stars.filter(({ flux }) => flux > 5000);
    const isStar = ({ x, y }: { x: number; y: number }): boolean =>
      bright.some((star) => Math.hypot(star.x - x, star.y - y) < 0.5);
    expect(stars.length).toBeGreaterThan(30);
    expect(stars.filter(isStar).length / stars.length).toBeGreaterThan(0.9);
    expect(objects.length).toBeGreaterThan(stars.length);
    expect(objects.map(({ snr }) => snr)).toEqual(objects.map(({ snr }) => snr).sort((a, b) => b - a));
  });

  test('make a point-spread function whose noise area is right within 2 %, all over a field of 100 stars', () => {
    expect(psf.order).toBe(2);
    for (const [fx, fy] of [
      [0.1, 0.1],
      [0.5, 0.5],
      [0.9, 0.2],
      [0.15, 0.85],
      [0.9, 0.9],
    ]) {
      const { half, values } = psfAt(psf, fx * width, fy * height);
      const side = 2 * half + 1;
      const shape = sciencePsf(recipe, fx * width, fy * height);
      const expected = values.map((_, at) =>
        moffatValue(shape, (at % side) - half, Math.floor(at / side) - half),
      );
      const total = expected.reduce((sum, value) => sum + value, 0);
      const power = (of: Float64Array): number => of.reduce((sum, value) => sum + value * value, 0);
      const ratio = power(values) / (power(expected) / total ** 2);
      expect(Math.abs(ratio - 1)).toBeLessThan(0.02);
      const overlap = values.reduce((sum, value, at) => sum + value * expected[at], 0);
      expect(overlap / Math.sqrt(power(values) * power(expected))).toBeGreaterThan(0.998);
    }
  });

  test('too many peaks raise the threshold', () => {
    const peaks = findPeaks(workspace, plane, 0.3, 0.8);
    expect(peaks.length).toBeLessThanOrEqual(65_536);
    expect(peaks.length).toBeGreaterThan(1000);
  });
});
