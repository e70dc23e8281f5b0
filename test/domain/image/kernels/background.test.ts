import { describe, expect, test } from 'vitest';
import { CLIPPED_SIGMA, measureBackground } from '#shared/domain/image/background-mesh.ts';
import type { KernelName } from '#shared/domain/image/kernels/kernels.generated.ts';
import {
  divideBySpline,
  fillFromSpline,
  meshSpline,
  splineAt,
  subtractSpline,
} from '#shared/domain/image/mesh-spline.ts';
import { createWorkspace, SCRATCH_BYTES, type Workspace } from '#shared/domain/image/workspace.ts';
import { cellTwin } from './background.twin.ts';
import { largestDifference, noise } from './planes.ts';

/** The workspace, its strips cut in two and done in the wrong order. */
function cutting(workspace: Workspace): Workspace {
  return {
    ...workspace,
    strips(kernel: KernelName, rows, args) {
      const scratch = workspace.bytes(SCRATCH_BYTES);
      const middle = rows >> 1;
      workspace.run(kernel, ...args, scratch.byteOffset, middle, rows);
      workspace.run(kernel, ...args, scratch.byteOffset, 0, middle);
      workspace.release(scratch);
    },
  };
}

describe('levels and sigmas of cells', () => {
  // One row of nodes is not filtered, so each shows what its cell gave. Odd sides leave tails.
  const [width, height] = [131, 37];
  const pixelsOf = (shape: (value: number, at: number) => number): Float32Array =>
    noise(width * height, 11).map(shape);

  test.each([
    ['noise', pixelsOf((value) => 800 + 28 * value)],
    ['noise with a star', pixelsOf((value, at) => 800 + 28 * value + (at % 50 < 4 ? 20_000 : 0))],
    ['whole numbers', pixelsOf((value) => Math.round(6850 + 5 * value))],
    ['a skewed sky', pixelsOf((value) => 100 * Math.exp(0.8 * value))],
  ])('are those of the twin: %s', (_, pixels) => {
    const workspace = createWorkspace();
    const image = workspace.floats(pixels.length);
    const mask = workspace.words(pixels.length);
    image.set(pixels);
    mask.set(pixels.map((_, at) => (at % 7 === 0 ? 2 : at % 5 === 0 ? 4 : 0)));
    const found = measureBackground(cutting(workspace), image, mask, width, height, 2, 32);
    expect([found.columns, found.rows]).toEqual([4, 1]);
    for (const i of [0, 3]) {
      const kept = [...pixels].filter(
        (_, at) => at % 7 !== 0 && Math.floor((at % width) / found.cellWidth) === i,
      );
      const { level, sigma } = cellTwin(kept);
      expect(Math.abs(found.level[i] / level - 1)).toBeLessThan(1e-5);
      expect(Math.abs((found.rms[i] * CLIPPED_SIGMA) / sigma - 1)).toBeLessThan(1e-5);
    }
  });

  test('come from the nearest cell where three quarters are excluded, and are 0 where all is', () => {
    const workspace = createWorkspace();
    const image = workspace.floats(256 * 64);
    const mask = workspace.words(256 * 64);
    image.set(noise(256 * 64, 3).map((value, at) => value + 1000 * Math.floor((at % 256) / 64)));
    mask.forEach((_, at) => {
      mask[at] = at % 256 < 64 ? 1 : 0;
    });
    const { level } = measureBackground(workspace, image, mask, 256, 64, 1, 64);
    expect(level[0]).toBe(level[1]);
    expect(level[1]).toBeCloseTo(1000, 0);
    mask.fill(1);
    expect([...measureBackground(workspace, image, mask, 256, 64, 1, 64).level]).toEqual(Array(8).fill(0));
  });
});

describe.each([
  [7, 5],
  [2, 3],
  [1, 1],
  [4, 1],
])('a spline through %i x %i nodes', (columns, rows) => {
  const [cellWidth, cellHeight] = [21, 16];
  const [width, height] = [columns * cellWidth - 6, rows * cellHeight - 3];
  const values = Float64Array.from(noise(columns * rows, 5), (value) => 10 + value);
  const spline = meshSpline({ width, height, columns, rows, cellWidth, cellHeight, values });
  const expected = Float32Array.from({ length: width * height }, (_, at) =>
    splineAt(spline, at % width, Math.floor(at / width)),
  );

  test('goes through them', () => {
    values.forEach((value, at) => {
      const [i, j] = [at % columns, Math.floor(at / columns)];
      expect(splineAt(spline, (i + 0.5) * cellWidth - 0.5, (j + 0.5) * cellHeight - 0.5)).toBeCloseTo(
        value,
        10,
      );
    });
  });

  test('is the same in every kernel', () => {
    const workspace = cutting(createWorkspace());
    const image = workspace.floats(width * height);
    image.fill(0);
    subtractSpline(workspace, image, spline);
    expect(
      largestDifference(
        image,
        expected.map((value) => -value),
      ),
    ).toBeLessThan(1e-5);
    image.fill(10);
    divideBySpline(workspace, image, spline, 9.5);
    expect(
      largestDifference(
        image,
        expected.map((value) => 10 / Math.max(value, 9.5)),
      ),
    ).toBeLessThan(1e-5);
    for (const power of [1, 2] as const) {
      fillFromSpline(workspace, image, spline, { power, least: 9.5, offset: 36, scale: 0.01 });
      const variance = expected.map((value) => 0.01 * (Math.max(value, 9.5) ** power + 36));
      expect(largestDifference(image, variance)).toBeLessThan(1e-5);
    }
  });
});
