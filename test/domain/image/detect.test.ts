import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectFootprints } from '#shared/domain/image/detect.ts';

/** Footprints by flooding: pixel after pixel, all within `reach` of it. */
function flooded(score: Float32Array, width: number, threshold: number, reach: number): number[][] {
  const left = new Set([...score.keys()].filter((at) => Math.abs(score[at]) > threshold));
  const footprints: number[][] = [];
  for (const start of left) {
    left.delete(start);
    const found = [start];
    for (const at of found) {
      for (const other of left) {
        const dx = (other % width) - (at % width);
        const dy = Math.floor(other / width) - Math.floor(at / width);
        if (Math.abs(dx) > reach || Math.abs(dy) > reach) continue;
        left.delete(other);
        found.push(other);
      }
    }
    footprints.push(found.sort((a, b) => a - b));
  }
  return footprints;
}

describe('footprints', () => {
  it('are those of a flood, whatever the pixels', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 23 }),
        fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 4, 6, -7), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 4 }),
        (width, values, reach) => {
          const height = Math.ceil(values.length / width);
          const score = new Float32Array(width * height);
          score.set(values);
          const found = detectFootprints(score, width, height, 5, reach);
          expect(found.map(({ pixels }) => [...pixels])).toEqual(flooded(score, width, 5, reach));
          for (const { pixels, minX, maxX, minY, maxY } of found) {
            const xs = [...pixels].map((at) => at % width);
            expect([minX, maxX]).toEqual([Math.min(...xs), Math.max(...xs)]);
            expect([minY, maxY]).toEqual([
              Math.floor(pixels[0] / width),
              Math.floor(pixels[pixels.length - 1] / width),
            ]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('leave out what is taken, and what is not a number', () => {
    const score = Float32Array.of(9, 9, Number.NaN, 0, 0, 0, 0, 0, 9);
    const found = detectFootprints(score, 9, 1, 5, 1, (at) => at === 1);
    expect(found.map(({ pixels }) => [...pixels])).toEqual([[0], [8]]);
  });
});
