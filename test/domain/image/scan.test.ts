import { describe, expect, it, test } from 'vitest';
import { visitBright, visitMarked } from '#shared/domain/image/scan.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { noise } from './kernels/planes.ts';

describe.each([64, 37, 5])('a scan of %i pixels a row', (width) => {
  const size = width * 9;
  const workspace = createWorkspace();

  it('visits every pixel above its limit, and few others', () => {
    const image = workspace.floats(size);
    image.set(noise(size, 3));
    const limitOfRow = (y: number): number => 2 + (y % 3) / 4;
    const visited: number[] = [];
    visitBright(workspace, image, width, limitOfRow, (at) => visited.push(at));
    const bright = [...image.keys()].filter((at) => image[at] > limitOfRow(Math.floor(at / width)));
    expect(bright.filter((at) => !visited.includes(at))).toEqual([]);
    expect(visited).toEqual([...new Set(visited)].sort((a, b) => a - b));
    expect(visited.length).toBeLessThanOrEqual(16 * bright.length);
  });

  it('visits every pixel with a bit', () => {
    const mask = workspace.words(size).fill(1);
    const marked = [0, width - 1, 4 * width, size - 1];
    for (const at of marked) mask[at] = 32768;
    const visited: number[] = [];
    visitMarked(workspace, mask, width, 32768 | 4, (at) => visited.push(at));
    expect(marked.filter((at) => !visited.includes(at))).toEqual([]);
    expect(visited.length).toBeLessThanOrEqual(16 * marked.length);
  });
});

test('screens what is no number and what is saturated', () => {
  const workspace = createWorkspace();
  const image = workspace.floats(14);
  const mask = workspace.words(14).fill(8);
  image.set([1, Number.NaN, 3, 500, 5, 6, 7, 8, -3, 1e4, Number.NEGATIVE_INFINITY, 499, Number.NaN, 14]);
  workspace.strips('screenRows', 2, [image.byteOffset, mask.byteOffset, 7, 256, 500, 2]);
  expect([...image]).toEqual([1, 0, 3, 500, 5, 6, 7, 8, -3, 1e4, 0, 499, 0, 14]);
  expect([...mask]).toEqual([8, 264, 8, 10, 8, 8, 8, 8, 8, 10, 264, 8, 264, 8]);
});
