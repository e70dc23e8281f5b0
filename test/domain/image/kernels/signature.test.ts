import { describe, expect, it } from 'vitest';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { largestDifference, noise } from './planes.ts';
import { assembleTwin, crosstalkTwin, flattenTwin, subtractFrameTwin } from './signature.twin.ts';

describe('an amplifier onto the detector', () => {
  it.each([
    [37, 11, 1, 1],
    [37, 11, -1, 1],
    [16, 8, -1, -1],
    [5, 6, 1, -1],
  ])('%i x %i pixels in steps of (%i, %i)', (columns, rows, stepX, down) => {
    const workspace = createWorkspace();
    const [rawWidth, width, height] = [columns + 9, columns + 6, rows + 4];
    const raw = workspace.floats(rawWidth * rows);
    raw.set(noise(raw.length, 1).map((value) => 20_000 + 50 * value));
    raw[3] = Number.NaN;
    raw[rawWidth + 2] = 150_000;
    raw[2 * rawWidth + columns - 1] = 150_000;
    const levels = workspace.doubles(rows);
    levels.set(noise(rows, 2).map((value) => 20_000 + value));
    const offsets = workspace.floats(columns);
    offsets.set(noise(columns, 3));
    const image = workspace.floats(width * height).fill(7);
    const mask = workspace.words(width * height).fill(9);
    const flags = workspace.bytes(height).fill(0);
    const [x, y] = [stepX > 0 ? 2 : columns + 1, down > 0 ? 1 : rows];
    const placement = { first: y * width + x, stepX, stepY: down * width };
    const twin = { image: Float32Array.from(image), mask: Uint16Array.from(mask) };
    assembleTwin(raw, rawWidth, levels, offsets, twin, placement, 1.5, 100_000);
    workspace.strips('assembleRows', rows, [
      ...[raw.byteOffset, rawWidth, columns, levels.byteOffset, offsets.byteOffset],
      ...[image.byteOffset, mask.byteOffset, width, placement.first, stepX, placement.stepY],
      ...[1.5, 100_000, flags.byteOffset],
    ]);
    expect(largestDifference(image, twin.image)).toBeLessThan(150_000 * 1e-6);
    expect(mask).toEqual(twin.mask);
    const saturatedRows = Array.from(flags, (_, j) =>
      mask.subarray(j * width, (j + 1) * width).some((bits) => bits === 2) ? 1 : 0,
    );
    expect([...flags]).toEqual(saturatedRows);
    expect(saturatedRows.filter(Boolean)).toHaveLength(2);
  });
});

it('subtracts a calibration frame', () => {
  const workspace = createWorkspace();
  const [width, rows] = [29, 7];
  const [image, frame] = [1, 2].map((seed) => {
    const values = workspace.floats(width * rows);
    values.set(noise(width * rows, seed));
    return values;
  });
  const gains = workspace.floats(width);
  gains.forEach((_, x) => {
    gains[x] = 1 + x / 10;
  });
  frame[5] = Number.NaN;
  frame[40] = Number.POSITIVE_INFINITY;
  const twin = subtractFrameTwin(image, frame, 30, gains);
  const args = [image.byteOffset, frame.byteOffset, 30, gains.byteOffset, width];
  workspace.strips('subtractFrameRows', rows, args);
  expect(largestDifference(image, twin)).toBeLessThan(100 * 1e-5);
});

it('divides by a flat where that is positive', () => {
  const workspace = createWorkspace();
  const [width, rows] = [21, 5];
  const image = workspace.floats(width * rows);
  const flat = workspace.floats(width * rows);
  image.set(noise(width * rows, 4));
  flat.set(noise(width * rows, 5).map((value) => 2 + value));
  flat[3] = 0;
  flat[17] = Number.NaN;
  const twin = flattenTwin(image, flat, 2);
  workspace.strips('flattenRows', rows, [image.byteOffset, flat.byteOffset, 2, width]);
  expect(largestDifference(image, twin)).toBeLessThan(1e-5 * Math.max(...twin.map(Math.abs)));
});

it('subtracts crosstalk in the order of the read-out', () => {
  const workspace = createWorkspace();
  const [columns, rows] = [39, 6];
  const width = 3 * columns;
  const image = workspace.floats(width * rows);
  image.set(noise(width * rows, 6));
  const placements = [
    { first: columns - 1, stepX: -1, stepY: width },
    { first: columns, stepX: 1, stepY: width },
    { first: (rows - 1) * width + 3 * columns - 1, stepX: -1, stepY: -width },
  ];
  const coefficients = [
    [0, 0.01, -0.02],
    [0.03, 0, 0.005],
    [0.001, 0.02, 0],
  ];
  const twin = crosstalkTwin(image, placements, columns, rows, coefficients);
  const places = workspace.integers(9);
  places.set(placements.flatMap(({ first, stepX, stepY }) => [first, stepX, stepY]));
  const matrix = workspace.floats(9);
  matrix.set(coefficients.flat());
  const args = [image.byteOffset, places.byteOffset, 3, columns, matrix.byteOffset];
  workspace.strips('crosstalkRows', rows, args);
  expect(largestDifference(image, twin)).toBeLessThan(1e-5);
});
