import { expect, it } from 'vitest';
import { interpolateMasked } from '#shared/domain/image/interpolate.ts';
import { MASK } from '#shared/domain/image/masked-image.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';

const workspace = createWorkspace();
const blank = (width: number, height: number) => ({
  width,
  height,
  image: workspace.floats(width * height).fill(0),
  mask: workspace.words(width * height).fill(0),
});

/** A plane 3 + 2 x + 100 y with holes of NaN. */
function holed(holes: readonly (readonly [number, number])[]) {
  const frame = blank(12, 8);
  frame.image.forEach((_, at) => {
    frame.image[at] = 3 + 2 * (at % 12) + 100 * Math.floor(at / 12);
  });
  for (const [x, y] of holes) {
    frame.image[y * 12 + x] = Number.NaN;
    frame.mask[y * 12 + x] = MASK.SAT;
  }
  interpolateMasked(workspace, frame, MASK.SAT | MASK.BAD);
  return frame;
}

it('draws the line between the good neighbours of a row', () => {
  const { image, mask } = holed([3, 4, 5].map((x) => [x, 2] as const));
  for (let x = 0; x < 12; x++) expect(image[2 * 12 + x]).toBeCloseTo(203 + 2 * x, 4);
  expect(mask[2 * 12 + 4]).toBe(MASK.SAT | MASK.INTRP);
  expect(mask[2 * 12 + 6]).toBe(0);
});

it('takes the only neighbour at the border', () => {
  const { image } = holed([
    [0, 1],
    [1, 1],
    [11, 4],
  ]);
  expect([...image.subarray(12, 15)]).toEqual([107, 107, 107]);
  expect(image[4 * 12 + 11]).toBe(423);
});

it('takes the nearest row where none of its own is good', () => {
  const rows = [0, 4, 5, 6, 7];
  const { image } = holed(rows.flatMap((y) => Array.from({ length: 12 }, (_, x) => [x, y] as const)));
  const sources = Array.from({ length: 8 }, (_, y) => Math.floor(image[y * 12] / 100));
  expect(sources).toEqual([1, 1, 2, 3, 3, 3, 3, 3]);
});

it('leaves a frame without a good pixel as it is', () => {
  const frame = blank(4, 3);
  frame.mask.fill(MASK.BAD);
  interpolateMasked(workspace, frame, MASK.BAD);
  expect(frame.mask.every((bits) => bits === MASK.BAD)).toBe(true);
});
