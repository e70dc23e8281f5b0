import { expect, test } from 'vitest';
import { gaussianTaps } from '#shared/domain/image/smooth.ts';
import { createWorkspace, SCRATCH_BYTES } from '#shared/domain/image/workspace.ts';
import { peaksTwin } from './objects.twin.ts';
import { largestDifference, noise } from './planes.ts';

test.each([
  [67, 43],
  [128, 31],
  [8, 40],
  [9, 9],
])('finds the peaks of %i x %i pixels as its twin does, in strips of any length', (width, height) => {
  const workspace = createWorkspace();
  const image = workspace.floats(width * height);
  image.set(noise(width * height, 2));
  const expected = peaksTwin(image, width, height, 1.2, 0.1);
  const taps = gaussianTaps(workspace, 1.2);
  const indices = workspace.integers(2 * 1000);
  const values = new Float32Array(indices.buffer, indices.byteOffset, indices.length);
  const count = workspace.integers(1);
  const scratch = workspace.bytes(SCRATCH_BYTES);
  for (const cuts of [
    [0, height],
    [0, 1, 7, height],
  ]) {
    count[0] = 0;
    for (let strip = cuts.length - 2; strip >= 0; strip--) {
      workspace.run(
        'peakRows',
        ...[image.byteOffset, width, height, taps.byteOffset, taps.length - 1, 0.1],
        ...[indices.byteOffset, 1000, count.byteOffset],
        ...[scratch.byteOffset, cuts[strip], cuts[strip + 1]],
      );
    }
    const found = Array.from({ length: count[0] }, (_, k) => ({
      at: indices[2 * k],
      value: values[2 * k + 1],
    }));
    found.sort((a, b) => a.at - b.at);
    expect(found.map(({ at }) => at)).toEqual(expected.map(({ at }) => at));
    expect(
      largestDifference(
        found.map(({ value }) => value),
        expected.map(({ value }) => value),
      ),
    ).toBeLessThan(1e-5);
  }
  if (width > 60) expect(expected.length).toBeGreaterThan(30);
});

test('of equal neighbours the first is the peak, and what has no room is counted', () => {
  const [width, height] = [40, 40];
  const workspace = createWorkspace();
  const image = workspace.floats(width * height).fill(0);
  const taps = workspace.floats(1).fill(1);
  const [peaks, count] = [workspace.integers(2), workspace.integers(1).fill(0)];
  for (const at of [10 * width + 10, 10 * width + 11, 12 * width + 9, 30 * width + 30]) image[at] = 5;
  workspace.strips('peakRows', height, [
    ...[image.byteOffset, width, height, taps.byteOffset, 0, 1, peaks.byteOffset, 1, count.byteOffset],
  ]);
  expect([peaks[0], count[0]]).toEqual([10 * width + 10, 2]);
});
