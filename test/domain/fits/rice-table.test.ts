import { expect, it } from 'vitest';
import { decodeRice } from '#shared/domain/fits/rice.ts';
import { compressRows } from '#shared/domain/fits/rice-table.ts';

it('puts a descriptor a row before a heap without gaps, filled to whole blocks', () => {
  const pixels = Int16Array.from({ length: 100 * 30 }, (_, k) => (k * k) % 97);
  const { table, longest, heapLength } = compressRows(pixels, 100, 30);
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  expect(table.length % 2880).toBe(0);
  let end = 0;
  let most = 0;
  for (let row = 0; row < 30; row++) {
    const length = view.getInt32(8 * row);
    expect(view.getInt32(8 * row + 4)).toBe(end);
    const line = new Int16Array(100);
    decodeRice(view, 240 + end, length, line, 32);
    expect(line).toEqual(pixels.slice(100 * row, 100 * (row + 1)));
    end += length;
    most = Math.max(most, length);
  }
  expect([heapLength, longest]).toEqual([end, most]);
  expect(table.subarray(240 + end).every((byte) => byte === 0)).toBe(true);
});

it('refuses an image without pixels', () => {
  expect(() => compressRows(new Int16Array(0), 0, 5)).toThrow('An image of 0 x 5 has no rows to compress.');
});
