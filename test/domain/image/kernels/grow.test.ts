import { expect, test } from 'vitest';
import { growMask, markDetected } from '#shared/domain/image/grow-mask.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { growTwin } from './grow.twin.ts';
import { noise } from './planes.ts';
import { smoothTwin } from './smooth.twin.ts';

test.each([
  [300, 40, 2],
  [131, 70, 8],
  [13, 9, 1],
  [5, 4, 6],
])('grows a bit on %i x %i pixels by %i', (width, height, radius) => {
  const workspace = createWorkspace();
  const mask = workspace.words(width * height);
  // Few and near the corners and edges, with other bits between.
  mask.set(
    noise(width * height, 7).map((value, at) =>
      value > 2.7 || at === 0 || at === width * height - 1 ? 33 : value > 0 ? 1 : 0,
    ),
  );
  const expected = growTwin(mask, width, 32, radius);
  growMask(workspace, mask, width, height, 32, radius);
  expect([...mask]).toEqual([...expected]);
});

test('marks what the smoothed image shows above 3 sigma, in either direction', () => {
  const [width, height] = [77, 53];
  const workspace = createWorkspace();
  const image = workspace.floats(width * height);
  const variance = workspace.floats(width * height);
  const mask = workspace.words(width * height);
  image.set(noise(width * height, 1).map((value) => 5 * value));
  variance.set(noise(width * height, 2).map((value) => 9 + value * value));
  mask.fill(4);
  const smooth = smoothTwin(image, width, height, 2);
  markDetected(workspace, image, variance, mask, width, height, 32);
  const limit = 3 / (2 * Math.sqrt(Math.PI) * 2);
  const ratios = [...smooth].map((value, at) => Math.abs(value) / Math.sqrt(variance[at]) / limit);
  expect(ratios.filter((ratio) => ratio > 1).length).toBeGreaterThan(100);
  ratios.forEach((ratio, at) => {
    // Within the rounding both answers are right.
    if (Math.abs(ratio - 1) > 1e-5) expect(mask[at]).toBe(ratio > 1 ? 36 : 4);
  });
});
