import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHeader } from '#shared/domain/fits/card-reader.ts';
import { dataLength } from '#shared/domain/fits/extent.ts';
import { FitsError } from '#shared/domain/fits/header.ts';
import { arrayAt, openTable } from '#shared/domain/fits/heap.ts';
import { decodeRice, encodeRice, RICE_SLACK, type RicePixels, riceBound } from '#shared/domain/fits/rice.ts';
import { cases, expectedImage, fixture } from './fixtures.ts';

function encode(pixels: RicePixels, blockSize = 32): Uint8Array {
  const bound = riceBound(pixels.length, pixels.BYTES_PER_ELEMENT, blockSize);
  const out = new DataView(new ArrayBuffer(bound));
  return new Uint8Array(out.buffer, 0, encodeRice(pixels, 0, pixels.length, blockSize, out, 0));
}

function decode(bytes: Uint8Array, out: RicePixels, blockSize = 32): RicePixels {
  const padded = new Uint8Array(bytes.length + RICE_SLACK);
  padded.set(bytes);
  decodeRice(new DataView(padded.buffer), 0, bytes.length, out, blockSize);
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
      fc.property(pixels(bits), fc.constantFrom(16, 32), (values, blockSize) => {
        const original = Pixels.from(values);
        const bytes = encode(original, blockSize);
        expect(decode(bytes, new Pixels(original.length), blockSize)).toEqual(original);
        // encodeRice stays within its bound with room for the word that it writes last
        expect(bytes.length).toBeLessThanOrEqual(riceBound(original.length, bits / 8, blockSize) - 4);
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
