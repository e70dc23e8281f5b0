import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { StoredPixels } from '#shared/domain/fits/big-endian.ts';
import { FitsError } from '#shared/domain/fits/header.ts';
import { tileDecoder } from '#shared/domain/fits/tile-codecs.ts';

function decode(algorithm: string, bitpix: number, data: Uint8Array, count: number): StoredPixels[] {
  const pieces: StoredPixels[] = [];
  const decoder = tileDecoder([{ keyword: 'ZCMPTYPE', value: algorithm }], data, bitpix);
  decoder({ start: 0, length: data.length }, count, (piece) => pieces.push(piece.slice()));
  return pieces;
}

const bigEndian = Uint8Array.of(0x01, 0x02, 0xff, 0xfe);
const shuffled = Uint8Array.of(0x01, 0xff, 0x02, 0xfe);

describe('tile decoders', () => {
  it('undo each algorithm', () => {
    const pixels = Int16Array.of(0x0102, -2);
    expect(decode('NOCOMPRESS', 16, bigEndian, 2)).toEqual([pixels]);
    expect(decode('GZIP_1', 16, gzipSync(bigEndian), 2)).toEqual([pixels]);
    expect(decode('GZIP_2', 16, gzipSync(shuffled), 2)).toEqual([pixels]);
    expect(decode('GZIP_1', 8, gzipSync(Uint8Array.of(0, 0, 0, 9)), 1)).toEqual([Int32Array.of(9)]);
  });

  it.each([
    ['NOCOMPRESS', bigEndian, 'A tile of 3 pixels of BITPIX 16 has 4 bytes.'],
    ['GZIP_1', gzipSync(bigEndian), 'A gzipped tile of 3 pixels of BITPIX 16 holds 4 bytes.'],
    ['GZIP_2', gzipSync(bigEndian), 'A gzipped tile of 3 pixels of BITPIX 16 holds 4 bytes.'],
    ['GZIP_1', bigEndian, 'does not hold 3 pixels: incorrect header check.'],
  ])('refuse a tile of another size: %s', (algorithm, data, message) => {
    expect(() => decode(algorithm, 16, data, 3)).toThrow(message);
  });

  it('allocate no more than the tile for a gzip bomb', () => {
    const bomb = gzipSync(new Uint8Array(64 << 20));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decode('GZIP_1', 16, bomb, 100)).toThrow(FitsError);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });
});
