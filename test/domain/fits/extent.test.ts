import { describe, expect, it } from 'vitest';
import { axesOf, bitpixOf, dataLength, planeOf } from '#shared/domain/fits/extent.ts';
import type { CardValue, Header } from '#shared/domain/fits/header.ts';

const header = (cards: Record<string, CardValue>): Header =>
  Object.entries(cards).map(([keyword, value]) => ({ keyword, value }));

describe('the extent of an HDU', () => {
  it.each<[Record<string, CardValue>, number]>([
    [{ BITPIX: 8, NAXIS: 0 }, 0],
    [{ BITPIX: -64, NAXIS: 2, NAXIS1: 576, NAXIS2: 2048 }, 8 * 576 * 2048],
    [{ BITPIX: 16, NAXIS: 2, NAXIS1: 777_777, NAXIS2: 0 }, 0],
    [{ BITPIX: 8, NAXIS: 2, NAXIS1: 8, NAXIS2: 2048, PCOUNT: 1_195_757, GCOUNT: 1 }, 8 * 2048 + 1_195_757],
    [
      { BITPIX: -32, NAXIS: 3, NAXIS1: 0, NAXIS2: 3, NAXIS3: 4, GROUPS: true, PCOUNT: 6, GCOUNT: 10 },
      4 * 10 * 18,
    ],
  ])('%o has %i bytes', (cards, bytes) => {
    expect(dataLength(header(cards))).toBe(bytes);
  });

  it('refuses what no file holds, with the value', () => {
    const huge = { BITPIX: 8, NAXIS: 2, NAXIS1: 2 ** 31, NAXIS2: 2 ** 31 };
    expect(() => dataLength(header(huge))).toThrow(
      'NAXIS1.. = 2147483648 x 2147483648 with PCOUNT 0, GCOUNT 1',
    );
    expect(() => dataLength(header({ BITPIX: 8, NAXIS: 1, NAXIS1: 1, PCOUNT: -1 }))).toThrow('PCOUNT is -1');
    expect(() => dataLength(header({ BITPIX: 8, NAXIS: 1, NAXIS1: 1, GCOUNT: 0 }))).toThrow('GCOUNT is 0');
    expect(() => axesOf(header({ NAXIS: 2, NAXIS1: 1 }))).toThrow('NAXIS2 is missing');
    expect(() => axesOf(header({ ZNAXIS: 1, ZNAXIS1: '1' }), 'Z')).toThrow("ZNAXIS1 is '1'");
    expect(() => bitpixOf(header({ ZBITPIX: 12 }), 'ZBITPIX')).toThrow(
      'ZBITPIX is 12 and must be one of 8, 16',
    );
  });

  it('is a plane, or a row, or nothing', () => {
    expect(planeOf([5])).toEqual({ width: 5, height: 1 });
    expect(planeOf([5, 4, 1, 1])).toEqual({ width: 5, height: 4 });
    expect(() => planeOf([5, 4, 1, 2])).toThrow('Axis 4 has length 2: only images of two axes are read.');
    expect(() => planeOf([])).toThrow('An image needs an axis');
  });
});
