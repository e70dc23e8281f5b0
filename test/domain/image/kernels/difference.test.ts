import { describe, expect, test } from 'vitest';
import type { KernelName } from '#shared/domain/image/kernels/kernels.generated.ts';
import { gaussianTaps } from '#shared/domain/image/smooth.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import {
  doubleTwin,
  halveTwin,
  matchErrorTwin,
  photonTwin,
  significanceTwin,
  subtractTwin,
} from './difference.twin.ts';
import { largestDifference, noise } from './planes.ts';

// Widths that leave tails of every length, odd and even.
describe.each([
  [64, 40],
  [67, 41],
  [13, 9],
])('%i x %i pixels', (width, height) => {
  const size = width * height;
  const halves = Math.ceil(width / 2) * Math.ceil(height / 2);

  const setUp = () => {
    const workspace = createWorkspace();
    const plane = (length: number, seed: number, map = (value: number) => value) => {
      const view = workspace.floats(length);
      view.set(noise(length, seed).map(map));
      return view;
    };
    /** In two strips, which must give what one does. */
    const run = (kernel: KernelName, rows: number, args: number[]) => {
      const scratch = workspace.floats(8 * width + 256).byteOffset;
      workspace.run(kernel, ...args, scratch, rows >> 1, rows);
      workspace.run(kernel, ...args, scratch, 0, rows >> 1);
    };
    return { workspace, plane, run };
  };

  test('subtracts with a scale and a sloping background', () => {
    const { plane, run } = setUp();
    const [a, b, out] = [plane(size, 1), plane(size, 2), plane(size, 3)];
    run('subtractRows', height, [a.byteOffset, b.byteOffset, out.byteOffset, width, 1.5, 0.3, 1e-3, -2e-3]);
    expect(largestDifference(out, subtractTwin(a, b, width, 1.5, 0.3, 1e-3, -2e-3))).toBeLessThan(1e-5);
  });

  test('scales', () => {
    const { plane, run } = setUp();
    const image = plane(size, 1);
    const expected = image.map((value) => value * -2.5);
    run('scaleRows', height, [image.byteOffset, width, -2.5]);
    expect(largestDifference(image, expected)).toBeLessThan(1e-5);
  });

  test('halves', () => {
    const { plane, run } = setUp();
    const [image, out] = [plane(size, 1), plane(halves, 2)];
    run('halveRows', Math.ceil(height / 2), [image.byteOffset, out.byteOffset, width, height]);
    expect(largestDifference(out, halveTwin(image, width, height))).toBeLessThan(1e-5);
  });

  test("adds the template's variance and the sources' photons", () => {
    const { plane, run } = setUp();
    const variance = plane(size, 1, (value) => 9 + value * value);
    const [template, matched] = [plane(halves, 2, Math.abs), plane(size, 3, (value) => 50 * value)];
    const expected = photonTwin(variance, template, matched, width, 0.4);
    run('photonRows', height, [
      variance.byteOffset,
      template.byteOffset,
      matched.byteOffset,
      width,
      Math.fround(0.4),
    ]);
    expect(largestDifference(variance, expected)).toBeLessThan(5e-5);
  });

  test('adds the photons of sources', () => {
    const { plane, run } = setUp();
    const [variance, image] = [plane(size, 1, Math.abs), plane(size, 2)];
    const expected = variance.map((value, at) => value + 0.25 * Math.max(0, image[at]));
    run('sourceRows', height, [variance.byteOffset, image.byteOffset, width, 0.25]);
    expect(largestDifference(variance, expected)).toBeLessThan(1e-5);
  });

  test("adds the match's errors", () => {
    const { plane, run } = setUp();
    const [variance, matched, smeared] = [plane(size, 1), plane(size, 2), plane(halves, 3)];
    const expected = matchErrorTwin(variance, matched, smeared, width, height, [0.1, 9, 0.2]);
    run('matchErrorRows', height, [
      ...[variance, matched, smeared].map(({ byteOffset }) => byteOffset),
      width,
      height,
      0.1,
      9,
      0.2,
    ]);
    expect(largestDifference(variance, expected)).toBeLessThan(1e-5);
  });

  test('moves the wings from one plane to the other', () => {
    const { plane, run } = setUp();
    const [image, matched, first, second] = [
      plane(size, 1),
      plane(size, 2),
      plane(halves, 3),
      plane(halves, 4),
    ];
    const [a, b] = [first, second].map((smear) => doubleTwin(smear, width, height));
    const wing = a.map((value, at) => 0.7 * value - 0.2 * b[at]);
    const expected = {
      image: image.map((value, at) => value - wing[at]),
      matched: matched.map((value, at) => value + wing[at]),
    };
    run('wingRows', height, [
      ...[image, matched, first, second].map(({ byteOffset }) => byteOffset),
      width,
      height,
      0.7,
      -0.2,
    ]);
    expect(largestDifference(image, expected.image)).toBeLessThan(1e-5);
    expect(largestDifference(matched, expected.matched)).toBeLessThan(1e-5);
  });

  test('divides by the smoothed variance', () => {
    const { workspace, plane, run } = setUp();
    const score = plane(size, 1);
    const variance = plane(size, 2, (value) => 1 + value * value);
    const expected = significanceTwin(score, variance, width, height, 1.3);
    const taps = gaussianTaps(workspace, 1.3);
    run('significanceRows', height, [
      score.byteOffset,
      variance.byteOffset,
      width,
      height,
      taps.byteOffset,
      taps.length - 1,
    ]);
    expect(largestDifference(score, expected)).toBeLessThan(1e-5);
  });

  test('blanks what the mask says', () => {
    const { workspace, plane, run } = setUp();
    const image = plane(size, 1);
    const mask = workspace.words(size);
    mask.set(noise(size, 2).map((value) => (value > 0.5 ? 32768 : value > 0 ? 6 : 1)));
    const expected = image.map((value, at) => ((mask[at] & 32770) === 0 ? value : 0));
    run('blankRows', height, [image.byteOffset, mask.byteOffset, width, 32770]);
    expect([...image]).toEqual([...expected]);
  });
});
