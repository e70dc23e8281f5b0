import { expect, test } from 'vitest';
import { MASK } from '#shared/domain/image/masked-image.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';

const { BAD, SAT, NO_DATA, CR, EDGE, SAT_TEMPLATE, NO_TEMPLATE, BAD_TEMPLATE } = MASK;

// 13 pixels leave a tail behind the vectors of 8.
const width = 13;

test("puts the template's bits beside the image's", () => {
  const workspace = createWorkspace();
  const [mask, template] = [workspace.words(2 * width), workspace.words(2 * width)];
  mask.fill(CR);
  const bits = [0, BAD, SAT, NO_DATA, CR, BAD | NO_DATA];
  const missing = NO_TEMPLATE | EDGE;
  const expected = [0, BAD_TEMPLATE, SAT_TEMPLATE, missing, 0, BAD_TEMPLATE | missing];
  for (let at = 0; at < template.length; at++) template[at] = bits[at % bits.length];
  workspace.strips('combineMaskRows', 2, [mask.byteOffset, template.byteOffset, width]);
  mask.forEach((value, at) => {
    expect(value).toBe(CR | expected[at % bits.length]);
  });
});

test('clears bits, the highest too', () => {
  const workspace = createWorkspace();
  const mask = workspace.words(2 * width).fill(32768 | SAT | CR);
  workspace.strips('clearMaskRows', 2, [mask.byteOffset, width, 32768 | CR]);
  expect([...new Set(mask)]).toEqual([SAT]);
});
