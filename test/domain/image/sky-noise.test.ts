import { expect, test } from 'vitest';
import { measureBackground } from '#shared/domain/image/background-mesh.ts';
import { skyNoise } from '#shared/domain/image/sky-noise.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { random } from '../../support/scene.ts';

const [width, height] = [256, 200];

/** A sky that falls from 900 to 860 electrons, its noise times `factor` that of photons and 6 electrons. */
function sky(factor: number) {
  const workspace = createWorkspace();
  const { normal } = random(4);
  const image = workspace.floats(width * height);
  const levelAt = (at: number): number => 900 - (40 * (at % width)) / width;
  image.set(
    Float32Array.from(image, (_, at) => levelAt(at) + factor * Math.sqrt(levelAt(at) + 36) * normal()),
  );
  const mask = workspace.words(width * height);
  mask.fill(0);
  return { workspace, background: measureBackground(workspace, image, mask, width, height, 1, 32) };
}

test('a sky of photons has the variance of its level and the read noise', () => {
  const { workspace, background } = sky(1);
  const noise = skyNoise(background, 6);
  expect(noise.source).toBe('photon statistics');
  for (const x of [20, 128, 230]) {
    expect(Math.abs(noise.varianceAt(x, 100) - (936 - (40 * x) / width))).toBeLessThan(8);
  }
  const plane = workspace.floats(width * height);
  noise.fill(workspace, plane, 4);
  for (const [x, y] of [
    [0, 0],
    [77, 31],
    [255, 199],
  ])
    expect(plane[y * width + x] / (4 * noise.varianceAt(x, y))).toBeCloseTo(1, 3);
});

test('any other sky has the variance that it shows', () => {
  const noise = skyNoise(sky(0.5).background, 6);
  expect(noise.source).toBe('measured background');
  const seen = [40, 128, 210].map((x) => noise.varianceAt(x, 100) / (0.25 * (936 - (40 * x) / width)));
  for (const ratio of seen) expect(Math.abs(ratio - 1)).toBeLessThan(0.08);
});
