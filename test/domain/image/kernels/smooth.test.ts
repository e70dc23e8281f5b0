import { expect, test } from 'vitest';
import { smoothGaussian } from '#shared/domain/image/smooth.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { largestDifference, noise } from './planes.ts';
import { smoothTwin } from './smooth.twin.ts';

test.each([
  [61, 43, 1.25],
  [37, 90, 2],
  [16, 16, 4],
  [5, 7, 2],
])('smooths %i x %i pixels by %f px as its twin does', (width, height, sigma) => {
  const workspace = createWorkspace();
  const image = workspace.floats(width * height);
  const out = workspace.floats(width * height);
  image.set(noise(width * height, 3));
  smoothGaussian(workspace, image, out, width, height, sigma);
  expect(largestDifference(out, smoothTwin(image, width, height, sigma))).toBeLessThan(1e-5);
});
