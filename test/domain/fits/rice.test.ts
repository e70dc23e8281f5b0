import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHeader } from '#shared/domain/fits/card-reader.ts';
import { dataLength } from '#shared/domain/fits/extent.ts';
import { FitsError } from '#shared/domain/fits/header.ts';
import { arrayAt, openTable } from '#shared/domain/fits/heap.ts';
import { decodeRice, encodeRice } from '#shared/domain/fits/rice.ts';
import { cases, expectedImage, fixture } from './fixtures.ts';

type RicePixels = Uint8Array | Int16Array | Int32Array;

const bytePixOf = (pixels: RicePixels) => pixels.BYTES_PER_ELEMENT as 1 | 2 | 4;

const encode = (pixels: RicePixels): Uint8Array => encodeRice(pixels, bytePixOf(pixels)).slice();

function decode(bytes: Uint8Array, out: RicePixels, blockSize: 16 | 32 = 32): RicePixels {
  decodeRice(bytes, out.length, { bytePix: bytePixOf(out), blockSize }, (piece, at) => out.set(piece, at));
  return out;
}

/** Runs of smooth, constant and wild pixels, so that each kind of block occurs beside each other. */
const pixels = (bits: number) => {
  const wild = fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
  const run = fc.tuple(wild, fc.integer({ min: 0, max: bits }), fc.array(fc.nat(2 ** 30), { maxLength: 70 }));
  return fc
    .array(run, { minLength: 1, maxLength: 5 })
    .map((runs) =>
      runs.flatMap(([level, spread, noise]) => [level, ...noise.map((n) => level + (n % 2 ** spread))]),
    );
};

describe('Rice', () => {
  it.each([
    ['Uint8Array', 8, Uint8Array],
    ['Int16Array', 16, Int16Array],
    ['Int32Array', 32, Int32Array],
  ] as const)('decodes what it encodes: %s', (_, bits, Pixels) => {
    fc.assert(
      fc.property(pixels(bits), (values) => {
        const original = Pixels.from(values);
        expect(decode(encode(original), new Pixels(original.length))).toEqual(original);
      }),
      { numRuns: 200 },
    );
  });

  it.each([1, 2, 3])("makes fpack's bytes: HDU %i of rice-rows", (hdu) => {
    const bytes = fixture('rice-rows.fits.fz');
    let at = 0;
    for (let k = 0; k < hdu; k++) {
      const { header, end } = parseHeader(bytes, at);
      at = end + Math.ceil(dataLength(header) / 2880) * 2880;
    }
    const { header, end } = parseHeader(bytes, at);
    const data = bytes.subarray(end, end + dataLength(header));
    const table = openTable(header, new DataView(data.buffer, data.byteOffset, data.byteLength));
    const known = cases.find((one) => one.file === 'rice-rows.fits.fz' && one.hdu === hdu);
    if (known === undefined) throw new Error('cases.json has no such HDU.');
    const image = expectedImage(known);
    for (let row = 0; row < image.height; row++) {
      const span = arrayAt(table, 'COMPRESSED_DATA', row);
      if (span === undefined) throw new Error('The fixture has no COMPRESSED_DATA.');
      const line = image.pixels.subarray(row * image.width, (row + 1) * image.width);
      const made = line instanceof Uint8Array || line instanceof Int16Array || line instanceof Int32Array;
      expect(made && encode(line)).toEqual(data.slice(span.start, span.start + span.length));
    }
  });

  it('decodes tiles of more pixels than it takes at a time', () => {
    const large = Int32Array.from({ length: 100_001 }, (_, k) => 1e6 * Math.sin(k / 50) + ((k * 7919) % 97));
    const pieces: number[] = [];
    decodeRice(encode(large), large.length, { bytePix: 4, blockSize: 32 }, (piece, at) => {
      pieces.push(at);
      expect(piece).toEqual(large.subarray(at, at + piece.length));
    });
    expect(pieces).toEqual([0, 32_768, 65_536, 98_304]);
  });

  it('refuses bytes that end too early, codes that do not exist and zeros without end', () => {
    const bytes = encode(Int32Array.from({ length: 100 }, (_, k) => (k * k * 7919) % 5000));
    const out = new Int32Array(100);
    for (let length = 0; length < bytes.length - 1; length++) {
      expect(() => decode(bytes.subarray(0, length), out)).toThrow(FitsError);
    }
    expect(() => decode(Uint8Array.of(0, 0, 0, 0, 0xff), out)).toThrow('A RICE_1 tile of 5 bytes');
    expect(() => decode(Uint8Array.of(0, 0, 0, 0, 8, ...new Uint8Array(500)), out)).toThrow(
      'does not hold 100 pixels',
    );
  });
});
