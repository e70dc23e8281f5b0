import { describe, expect, it } from 'vitest';
import { parseHeader } from '#shared/domain/fits/card-reader.ts';
import { dataLength } from '#shared/domain/fits/extent.ts';
import { type CardValue, FitsError, type Header } from '#shared/domain/fits/header.ts';
import { openFits } from '#shared/domain/fits/open.ts';
import { isCompressedImage, tiledRows } from '#shared/domain/fits/tiles.ts';
import { fixture } from './fixtures.ts';

/** The first extension of a fixture, whose primary HDU has no data. */
function extension(name: string): { header: Header; data: Uint8Array } {
  const bytes = fixture(name);
  const { header, end } = parseHeader(bytes, 2880);
  return { header, data: bytes.subarray(end, end + dataLength(header)) };
}

/** All numbers of an image, as doubles. */
function readTiles(header: Header, data: Uint8Array): Float64Array {
  const rows = tiledRows(header, data);
  const stored = new Float64Array(rows.width * rows.height);
  rows.read(0, rows.height, (piece, at) => stored.set(piece, at));
  return stored;
}

/** The header with one card changed, or taken away where the value is undefined. */
function changed(header: Header, keyword: string, value: CardValue | undefined): Header {
  const others = header.filter((card) => card.keyword !== keyword);
  return value === undefined ? others : [{ keyword, value }, ...others];
}

describe('tiledRows', () => {
  it.each([
    [
      'hcompress.fits.fz',
      "ZCMPTYPE is 'HCOMPRESS_1', which is not read here: RICE_1, GZIP_1, GZIP_2 and NOCOMPRESS are.",
    ],
    ['plio.fits.fz', "ZCMPTYPE is 'PLIO_1', which is not read here"],
  ])('refuses %s and names the algorithm', (name, message) => {
    const { header, data } = extension(name);
    expect(isCompressedImage(header)).toBe(true);
    expect(() => readTiles(header, data)).toThrow(message);
  });

  it.each<[string, CardValue | undefined, string]>([
    ['ZNAXIS', 0, 'An image needs an axis'],
    ['ZNAXIS1', 99_999_999, 'ZNAXIS1 x ZNAXIS2 = 99999999 x 24 is beyond'],
    ['ZNAXIS2', 2 ** 40, 'x 1099511627776 is beyond'],
    ['ZNAXIS2', 48, 'The image has 48 tiles and NAXIS2 is 24.'],
    ['ZNAXIS2', -1, 'ZNAXIS2 is -1'],
    ['ZTILE1', 0, 'ZTILE1 is 0'],
    ['ZTILE1', 35, 'The image has 48 tiles and NAXIS2 is 24.'],
    ['ZBITPIX', 64, 'ZBITPIX is 64: integers of 64 bits are read uncompressed only.'],
    ['ZBITPIX', -32, 'RICE_1 holds integers, and ZBITPIX is -32 without ZSCALE and ZZERO.'],
    ['ZVAL1', 33, 'BLOCKSIZE is 33 and must be 16 or 32.'],
    ['ZVAL2', 8, 'BYTEPIX is 8 and must be 1, 2 or 4.'],
    ['ZCMPTYPE', undefined, "ZCMPTYPE is ''"],
    ['TTYPE1', 'OTHER', 'Row 1 of the table holds no data for its tile.'],
  ])('refuses %s = %s', (keyword, value, message) => {
    const { header, data } = extension('rice-rows.fits.fz');
    const wrong = changed(header, keyword, value);
    expect(() => readTiles(wrong, data)).toThrow(message);
    expect(() => readTiles(wrong, data)).toThrow(FitsError);
  });

  it.each<[string, CardValue | undefined, string]>([
    ['ZQUANTIZ', 'SUBTRACTIVE_DITHER_3', "ZQUANTIZ is 'SUBTRACTIVE_DITHER_3' and must be NO_DITHER"],
    ['ZDITHER0', 10_001, 'ZDITHER0 is 10001'],
    ['TTYPE3', 'OTHER', 'no ZZERO'],
  ])('refuses quantised floats with %s = %s', (keyword, value, message) => {
    const { header, data } = extension('dither-1.fits.fz');
    expect(() => readTiles(changed(header, keyword, value), data)).toThrow(message);
  });

  it('takes rows for tiles where ZTILEn says nothing', () => {
    const { header, data } = extension('rice-rows.fits.fz');
    const silent = changed(changed(header, 'ZTILE1', undefined), 'ZTILE2', undefined);
    expect(readTiles(silent, data)).toEqual(readTiles(header, data));
  });

  it('asks for no memory for an image that its bytes cannot hold', () => {
    const { header, data } = extension('rice-rows.fits.fz');
    const before = process.memoryUsage().arrayBuffers;
    expect(() => readTiles(changed(header, 'ZNAXIS1', 2 ** 31), data)).toThrow(FitsError);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('reads an image of no columns at once, however many rows it claims', () => {
    const bytes = fixture('rice-rows.fits.fz');
    for (const [keyword, value] of [
      ['ZNAXIS1', 0],
      ['ZNAXIS2', 9e15],
    ] as const) {
      const at = Buffer.from(bytes).indexOf(`${keyword.padEnd(8)}=`);
      bytes.set(Buffer.from(String(value).padStart(20).padEnd(70)), at + 10);
    }
    const image = openFits(bytes, { verifyChecksums: false })[1].image;
    expect(image).toMatchObject({ width: 0, height: 9e15 });
    expect(() => image?.read(0, 9e15, new Float32Array(0))).not.toThrow();
  });
});
