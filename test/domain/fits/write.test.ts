import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FitsError, type Header } from '#shared/domain/fits/header.ts';
import { type Image, readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { sharedData } from '../../support/shared-data.ts';

const image = (pixels: Image['pixels'], width = pixels.length): Image => ({
  width,
  height: width === 0 ? 1 : pixels.length / width,
  pixels,
});

const cardsOf = (header: Header): Record<string, unknown> =>
  Object.fromEntries(header.map(({ keyword, value }) => [keyword, value]));

const integers = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  fc.int16Array({ minLength: 1, maxLength: 300 }),
  fc.uint16Array({ minLength: 1, maxLength: 300 }),
  fc.int32Array({ minLength: 1, maxLength: 300 }),
);
const floats = fc.oneof(fc.float32Array({ maxLength: 300 }), fc.float64Array({ maxLength: 300 }));

describe('writeFits', () => {
  it('writes images that read as they were, checksums verified', () => {
    fc.assert(
      fc.property(
        fc.oneof(integers, floats),
        integers,
        fc.integer({ min: 1, max: 9 }),
        (first, second, height) => {
          const width = Math.floor(second.length / height);
          const rows = second.subarray(0, width * height);
          const packed = rows.length > 0 ? ({ compression: 'RICE_1' } as const) : {};
          const written = [image(first), { width, height, pixels: rows }];
          const bytes = writeFits([
            { header: [], image: written[0] },
            { header: [], image: written[1], ...packed },
          ]);
          expect(bytes.length % 2880).toBe(0);
          expect(readFits(bytes).map((hdu) => hdu.image)).toEqual(written);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('writes the header of a compressed image in the form of the camera', () => {
    const pixels = new Int32Array(576 * 8).map((_, k) => 25_000 + ((k * 31) % 17));
    const bytes = writeFits([
      { header: [{ keyword: 'OBSID', value: 'MC_O_20250609_000578' }] },
      {
        header: [{ keyword: 'EXTNAME', value: 'Segment10' }],
        image: image(pixels, 576),
        compression: 'RICE_1',
      },
    ]);
    const table = Buffer.from(bytes.subarray(2880, 5760)).toString('latin1');
    const own = Object.fromEntries(
      Array.from(table.matchAll(/([A-Z0-9]+) *= +'?([^ ']+)/g), ([, keyword, value]) => [keyword, value]),
    );
    expect(own).toMatchObject({
      XTENSION: 'BINTABLE',
      BITPIX: '8',
      NAXIS: '2',
      NAXIS1: '8',
      NAXIS2: '8',
      GCOUNT: '1',
      TFIELDS: '1',
      TTYPE1: 'COMPRESSED_DATA',
      ZIMAGE: 'T',
      ZTILE1: '576',
      ZTILE2: '1',
      ZCMPTYPE: 'RICE_1',
      ZNAME1: 'BLOCKSIZE',
      ZVAL1: '32',
      ZNAME2: 'BYTEPIX',
      ZVAL2: '4',
      ZTENSION: 'IMAGE',
      ZBITPIX: '32',
      ZNAXIS: '2',
      ZNAXIS1: '576',
      ZNAXIS2: '8',
      ZPCOUNT: '0',
      ZGCOUNT: '1',
      EXTNAME: 'Segment10',
    });
    expect(own.TFORM1).toMatch(/^1PB\(\d+\)$/);
  });

  it('makes the cards that follow from the data, and drops stale ones of a header that was read', () => {
    const stale: Header = [
      { keyword: 'XTENSION', value: 'BINTABLE' },
      { keyword: 'BITPIX', value: -64 },
      { keyword: 'NAXIS1', value: 1 },
      { keyword: 'BZERO', value: 5 },
      { keyword: 'BLANK', value: -1 },
      { keyword: 'CHECKSUM', value: 'stale' },
      { keyword: 'ZTENSION', value: 'IMAGE' },
      { keyword: 'GAIN', value: 1.5 },
    ];
    const [primary, extension] = readFits(
      writeFits([
        { header: stale, image: image(Uint16Array.of(0, 32768, 65535)) },
        { header: stale, image: image(Float32Array.of(1)) },
      ]),
    );
    expect(cardsOf(primary.header)).toMatchObject({
      SIMPLE: true,
      BITPIX: 16,
      NAXIS: 2,
      NAXIS1: 3,
      NAXIS2: 1,
      EXTEND: true,
      BSCALE: 1,
      BZERO: 32768,
      BLANK: -1,
      GAIN: 1.5,
    });
    expect(cardsOf(extension.header)).toMatchObject({
      XTENSION: 'IMAGE',
      BITPIX: -32,
      PCOUNT: 0,
      GCOUNT: 1,
      GAIN: 1.5,
    });
    expect(cardsOf(extension.header)).not.toHaveProperty('BZERO');
    expect(cardsOf(extension.header)).not.toHaveProperty('BLANK');
    expect(primary.header.filter(({ keyword }) => keyword === 'CHECKSUM')).toHaveLength(1);
  });

  it.skipIf(sharedData('headers') === undefined)("carries the camera's own header unchanged", () => {
    const file = sharedData('headers', 'LSSTCam-MC_O_20250609_000578_R01_S01.json') ?? '';
    const sidecar: Record<string, string | number | boolean | null> = JSON.parse(readFileSync(file, 'utf8'));
    const header = Object.entries(sidecar).map(([keyword, value]) => ({ keyword, value }));
    const [{ header: read }] = readFits(writeFits([{ header }]));
    const made =
      /^(SIMPLE|EXTEND|XTENSION|BITPIX|NAXIS\d?|PCOUNT|GCOUNT|TFIELDS|TTYPE1|TFORM1|Z[A-Z]+\d?|BSCALE|BZERO|CHECKSUM|DATASUM)$/;
    const kept = Object.fromEntries(Object.entries(sidecar).filter(([keyword]) => !made.test(keyword)));
    expect(Object.keys(kept).length).toBeGreaterThan(150);
    expect(cardsOf(read)).toMatchObject(kept);
  });

  it('refuses what it cannot write', () => {
    const one = image(Int32Array.of(1));
    expect(() => writeFits([])).toThrow('at least one HDU');
    expect(() => writeFits([{ header: [], image: { ...one, width: 2 } }])).toThrow(
      '2 x 1 came with 1 pixels',
    );
    expect(() => writeFits([{ header: [], image: one, compression: 'RICE_1' }])).toThrow(
      'cannot be the first HDU',
    );
    expect(() => writeFits([{ header: [] }, { header: [], compression: 'RICE_1' }])).toThrow(FitsError);
    expect(() =>
      writeFits([{ header: [] }, { header: [], image: image(Float32Array.of(1)), compression: 'RICE_1' }]),
    ).toThrow('RICE_1 compresses integers');
  });
});
