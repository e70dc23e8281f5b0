import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FitsError, type Header } from '#shared/domain/fits/header.ts';
import { openFits } from '#shared/domain/fits/open.ts';
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

const size = { minLength: 1, maxLength: 300 };
const integers = fc.oneof(
  fc.uint8Array(size),
  fc.int16Array(size),
  fc.uint16Array(size),
  fc.int32Array(size),
);
const floats = fc.oneof(fc.float32Array({ maxLength: 300 }), fc.float64Array({ maxLength: 300 }));

/** Pixels in as many rows as they have place for. */
const inRows = (pixels: Image['pixels'], height: number): Image => {
  const width = Math.floor(pixels.length / height);
  return { width, height, pixels: pixels.subarray(0, width * height) };
};

describe('writeFits', () => {
  it('writes images that read as they were, checksums verified, whatever their type and compression', () => {
    const given = fc.record({
      first: fc.oneof(integers, floats),
      whole: integers,
      any: fc.oneof(integers, floats),
      height: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(given, ({ first, whole, any, height }) => {
        const images = [image(first), inRows(whole, height), inRows(any, height)];
        const compressions = [undefined, 'RICE_1', 'GZIP_2'] as const;
        const bytes = writeFits(
          images.map((one, k) => ({
            header: [],
            image: one,
            ...(one.pixels.length > 0 && { compression: compressions[k] }),
          })),
        );
        expect(bytes.length % 2880).toBe(0);
        expect(readFits(bytes).map((hdu) => hdu.image)).toEqual(images);
      }),
      { numRuns: 200 },
    );
  });

  it('writes floats in steps that read within half a step, NaN as NaN, by rows as in the whole', () => {
    const level = fc.oneof(
      { weight: 9, arbitrary: fc.float({ min: -1e4, max: 1e4, noNaN: true }) },
      { weight: 1, arbitrary: fc.float() },
    );
    const given = fc.record({
      values: fc.array(level, { minLength: 1, maxLength: 300 }),
      height: fc.integer({ min: 1, max: 9 }),
      dither: fc.constantFrom(
        'NO_DITHER' as const,
        'SUBTRACTIVE_DITHER_1' as const,
        'SUBTRACTIVE_DITHER_2' as const,
      ),
      step: fc.double({ min: 0.01, max: 10, noNaN: true }),
      cut: fc.nat(),
    });
    fc.assert(
      fc.property(given, ({ values, height, dither, step, cut }) => {
        const one = inRows(Float32Array.from(values), height);
        fc.pre(one.width > 0);
        const bytes = writeFits([{ header: [] }, { header: [], image: one, compression: { dither, step } }]);
        const pixels = readFits(bytes)[1].image?.pixels ?? [];
        expect(pixels.length).toBe(one.pixels.length);
        for (const [i, value] of one.pixels.entries()) {
          if (Number.isNaN(value)) expect(pixels[i]).toBeNaN();
          else if (!Number.isFinite(value)) expect(pixels[i]).toBe(value);
          else expect(Math.abs(pixels[i] - value)).toBeLessThanOrEqual(0.5 * step + 1e-6 * Math.abs(value));
        }
        const rows = openFits(bytes)[1].image;
        const out = new Float32Array(pixels.length);
        const middle = cut % (height + 1);
        rows?.read(middle, height, out, middle * one.width);
        rows?.read(0, middle, out);
        expect(out).toEqual(pixels);
      }),
      { numRuns: 200 },
    );
  });

  it('asks for rows once, in order, and keeps none of them', () => {
    const asked: number[] = [];
    const rows = {
      width: 50,
      height: 30,
      type: 'float32',
      row(y: number, out: Float32Array) {
        asked.push(y);
        // a plane that reads another file's tiles while it is written
        readFits(inner)[1].image?.pixels.forEach((value, x) => {
          out[x] = value + y;
        });
      },
    } as const;
    const inner = writeFits([
      { header: [] },
      { header: [], image: image(Int32Array.from({ length: 50 }, (_, x) => x * x)), compression: 'RICE_1' },
    ]);
    const compression = { dither: 'NO_DITHER', step: 1 } as const;
    for (const packed of [{}, { compression }, { compression: 'GZIP_2' as const }]) {
      asked.length = 0;
      const [, { image: read }] = readFits(
        writeFits([{ header: [] }, { header: [], image: rows, ...packed }]),
      );
      expect(asked).toEqual(Array.from({ length: 30 }, (_, y) => y));
      expect(read?.pixels).toEqual(
        Float32Array.from({ length: 1500 }, (_, k) => (k % 50) ** 2 + Math.floor(k / 50)),
      );
    }
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
    const doubles = { header: [], image: image(Float64Array.of(1)) };
    expect(() =>
      writeFits([{ header: [] }, { ...doubles, compression: { dither: 'NO_DITHER', step: 1 } }]),
    ).toThrow('An image of float64 is not quantised');
    const empty = { header: [], image: image(new Int16Array(0)), compression: 'RICE_1' as const };
    expect(() => writeFits([{ header: [] }, empty])).toThrow('An image of 0 x 1 has no rows to compress.');
  });
});
