import { expect, it } from 'vitest';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { random } from '../../../support/scene.ts';
import { findRunsTwin, markColumnsTwin, markOutsideTwin } from './defects.twin.ts';
import { noise } from './planes.ts';

it('marks what is out of bounds, and what is no number', () => {
  const workspace = createWorkspace();
  const [width, rows] = [23, 9];
  const values = workspace.floats(width * rows);
  values.set(noise(width * rows, 1));
  values[50] = Number.NaN;
  const mask = workspace.words(width * rows).fill(4);
  const twin = markOutsideTwin(values, -1, 2, mask, 1);
  workspace.strips('markOutsideRows', rows, [values.byteOffset, -1, 2, mask.byteOffset, 1, width]);
  expect(mask).toEqual(twin);
  expect(mask.filter((bits) => bits === 5).length).toBeGreaterThan(20);
});

it.each([
  [101, 64],
  [50, 16],
  [17, 3],
  [16, 1],
])('marks columns that stand out, %i x %i', (width, rows) => {
  const workspace = createWorkspace();
  const values = workspace.floats(width * rows);
  values.set(noise(width * rows, 2).map((value) => 0.1 * value));
  for (const x of [0, 11, 12, 20, width - 2]) for (let y = 0; y < rows; y++) values[y * width + x] += 5;
  // The step between two amplifiers is no defect.
  for (let at = 0; at < values.length; at++) if (at % width > 30) values[at] += 3;
  const mask = workspace.words(width * rows).fill(4);
  const twin = markColumnsTwin(values, width, 2, mask, 1);
  const levels = workspace.floats(width);
  const args = [values.byteOffset, width, rows, 2, levels.byteOffset, mask.byteOffset, 1];
  workspace.strips('markColumns', width, args);
  expect(mask).toEqual(twin);
  if (width > 50) {
    const marked = [...mask.subarray(0, width)].flatMap((bits, x) => (bits === 5 ? [x] : []));
    expect(marked).toEqual([0, 11, 12, 20, width - 2]);
  }
});

it.each([0, 0.02, 0.5, 0.98, 1])('finds the runs of a row of which a part of %f is marked', (part) => {
  const workspace = createWorkspace();
  const width = 61;
  const { uniform } = random(5);
  const mask = workspace.words(3 * width).fill(2);
  const row = mask.subarray(width, 2 * width);
  for (let x = 0; x < width; x++) row[x] = uniform() < part ? 6 : 4 * Math.round(uniform());
  const runs = workspace.integers(width + 2);
  const count = workspace.run('findRuns', mask.byteOffset, 2, width, 1, runs.byteOffset);
  expect([...runs.subarray(0, 2 * count)]).toEqual(findRunsTwin(row, 2));
});
