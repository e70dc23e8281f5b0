import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { htmEnvelope, htmIndex } from '#shared/domain/sky/htm.ts';
import type { Vector } from '#shared/domain/sky/vector.ts';

const oracle: {
  points: [raDeg: number, decDeg: number, level0: number, level7: number, level10: number][];
  envelopes: { hull: Vector[]; level: number; envelope: number[] }[];
} = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/sky/sphgeom.json'), 'utf8'));

test('the index of a position is that of sphgeom', () => {
  for (const [raDeg, decDeg, ...indices] of oracle.points) {
    expect([0, 7, 10].map((level) => htmIndex(raDeg, decDeg, level))).toEqual(indices);
  }
});

test('the envelope of a polygon is that of sphgeom, with none missing and none extra', () => {
  for (const { hull, level, envelope } of oracle.envelopes)
    expect(htmEnvelope(hull, level)).toEqual(envelope);
});

test('corners and edges of the octahedron have an index', () => {
  for (const [raDeg, decDeg] of [
    [0, 0],
    [90, 0],
    [0, 90],
    [0, -90],
    [45, 0],
    [0, 45],
  ]) {
    const index = htmIndex(raDeg, decDeg, 24);
    expect(index).toBeGreaterThanOrEqual(8 * 4 ** 24);
    expect(index).toBeLessThan(16 * 4 ** 24);
    expect(Number.isSafeInteger(index)).toBe(true);
  }
});

test('refuses a level that a double cannot index', () => {
  expect(() => htmIndex(0, 0, 25)).toThrow('HTM level 25');
  expect(() => htmEnvelope([], -1)).toThrow('HTM level -1');
});
