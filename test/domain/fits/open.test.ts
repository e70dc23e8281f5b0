import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FitsError } from '#shared/domain/fits/header.ts';
import { pixelArray } from '#shared/domain/fits/image.ts';
import { type ImageRows, openFits } from '#shared/domain/fits/open.ts';
import { hduNamed, readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { cases, expectedImage, fixture } from './fixtures.ts';

function imageOf(file: string, hdu: number): ImageRows {
  const image = openFits(fixture(file))[hdu].image;
  if (image === undefined) throw new Error('There is no image.');
  return image;
}

describe('openFits', () => {
  it('reads rows as it reads the whole, for any cut and order', () => {
    const cuts = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...cases), cuts, (known, pairs) => {
        const expected = expectedImage(known);
        const rows = imageOf(known.file, known.hdu);
        expect([rows.width, rows.height, rows.type]).toEqual([known.width, known.height, known.type]);
        for (const pair of pairs) {
          const [y0, y1] = pair.map((y) => y % (rows.height + 1)).sort((a, b) => a - b);
          const out = pixelArray(rows.type, (y1 - y0) * rows.width + 3);
          rows.read(y0, y1, out, 3);
          expect(out.slice(3)).toEqual(expected.pixels.slice(y0 * rows.width, y1 * rows.width));
          expect(out.slice(0, 3).every((value) => value === 0)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each(cases)('reads $file, HDU $hdu, into floats, a row at a time', (known) => {
    const { pixels } = expectedImage(known);
    const rows = imageOf(known.file, known.hdu);
    const out = new Float32Array(pixels.length);
    for (let y = 0; y < rows.height; y++) rows.read(y, y + 1, out, y * rows.width);
    const blanked = out.map((value, i) => (Number.isNaN(value) ? pixels[i] : value)); // BLANK of unscaled integers
    expect(blanked).toEqual(Float32Array.from(pixels));
  });

  it('reads a mask of 32 bits into words', () => {
    const pixels = Int32Array.of(0, 1, 1024, 65535, 256, 0);
    const mask = { width: 3, height: 2, pixels };
    const hdus = openFits(
      writeFits([
        { header: [] },
        { header: [{ keyword: 'EXTNAME', value: 'MASK' }], image: mask, compression: 'RICE_1' },
      ]),
    );
    const words = new Uint16Array(3);
    hduNamed(hdus, 'mask')?.image?.read(1, 2, words);
    expect(words).toEqual(Uint16Array.of(65535, 256, 0));
  });

  it('refuses to read floats as integers, and rows that there are not', () => {
    const rows = imageOf('dither-1.fits.fz', 1);
    expect(() => rows.read(0, 1, new Int32Array(rows.width))).toThrow(
      'HDU 1 at byte 2880: The image holds float32 and is read as integers.',
    );
    expect(() => rows.read(0, rows.height + 1, new Float32Array(1e5))).toThrow(RangeError);
    expect(() => rows.read(0, 2, new Float32Array(rows.width))).toThrow(RangeError);
  });

  it('decodes nothing until it is asked: a damaged tile is told by the read of its rows', () => {
    const bytes = fixture('rice-rows.fits.fz');
    const text = Buffer.from(bytes).toString('latin1');
    const table = text.indexOf('END'.padEnd(80), 2880);
    const data = Math.ceil(table / 2880) * 2880;
    bytes[data + 8 * 5] = 0x7f; // the length of row 5's tile
    const [, { image }] = openFits(bytes, { verifyChecksums: false });
    const out = new Float32Array(70);
    expect(() => image?.read(4, 5, out)).not.toThrow();
    expect(() => image?.read(5, 6, out)).toThrow(
      /^HDU 1 at byte 2880: Row 6 of COMPRESSED_DATA says .* outside/,
    );
    expect(() => readFits(bytes, { verifyChecksums: false })).toThrow(FitsError);
  });
});
