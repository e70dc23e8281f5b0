/**
 * One tile's bytes to its numbers, by ZCMPTYPE. FITS Standard 4.0, section 10.4.
 */
import { gunzipSync } from 'node:zlib';
import { BYTES_OF_BITPIX, fromBigEndian } from './big-endian.ts';
import { FitsError, type Header } from './header.ts';
import { decodeRice } from './rice.ts';
import type { TakeStored } from './stored-rows.ts';
import { algorithmOf, compressionParameter } from './tile-header.ts';

/** Where a tile's bytes are in the table's data. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/** Decodes a tile of `count` numbers and hands them over in order, in one piece or several; their memory is used again. */
export type TileDecoder = (span: Span, count: number, take: TakeStored) => void;

/** The decoder that ZCMPTYPE names; `bitpix` is that of the tile's numbers (32 for quantised floats). */
export function tileDecoder(header: Header, data: Uint8Array, bitpix: number): TileDecoder {
  const algorithm = algorithmOf(header);
  switch (algorithm) {
    case 'RICE_1':
      return riceDecoder(header, data, bitpix);
    case 'GZIP_1':
      return gzipDecoder(data, bitpix);
    case 'GZIP_2':
      return shuffledGzipDecoder(data, bitpix);
    case 'NOCOMPRESS':
      return plainDecoder(data, bitpix);
    default:
      throw new FitsError(
        `ZCMPTYPE is '${algorithm}', which is not read here: RICE_1, GZIP_1, GZIP_2 and NOCOMPRESS are. Unpack the file with funpack first.`,
      );
  }
}

function riceDecoder(header: Header, data: Uint8Array, bitpix: number): TileDecoder {
  if (bitpix < 0)
    throw new FitsError(`RICE_1 holds integers, and ZBITPIX is ${bitpix} without ZSCALE and ZZERO.`);
  const blockSize = compressionParameter(header, 'BLOCKSIZE') ?? 32;
  const bytePix = compressionParameter(header, 'BYTEPIX') ?? 4;
  if (blockSize !== 16 && blockSize !== 32)
    throw new FitsError(`BLOCKSIZE is ${blockSize} and must be 16 or 32.`);
  if (bytePix !== 1 && bytePix !== 2 && bytePix !== 4) {
    throw new FitsError(`BYTEPIX is ${bytePix} and must be 1, 2 or 4.`);
  }
  return ({ start, length }, count, take) =>
    decodeRice(data.subarray(start, start + length), count, { bytePix, blockSize }, take);
}

/** GZIP_1: the big-endian numbers, gzipped. */
export function gzipDecoder(data: Uint8Array, bitpix: number): TileDecoder {
  return (span, count, take) => {
    const bytes = gunzipTile(data, span, count, bitpix);
    take(fromBigEndian(bytes, tileBitpix(bytes.length, count, bitpix)), 0);
  };
}

/** GZIP_2: first all highest bytes, then all second highest and so on, gzipped. */
function shuffledGzipDecoder(data: Uint8Array, bitpix: number): TileDecoder {
  return (span, count, take) => {
    const shuffled = gunzipTile(data, span, count, bitpix);
    const ordered = new Uint8Array(shuffled.length);
    const width = shuffled.length / count;
    for (let byte = 0; byte < width; byte++) {
      for (let i = 0; i < count; i++) ordered[i * width + byte] = shuffled[byte * count + i];
    }
    take(fromBigEndian(ordered, tileBitpix(shuffled.length, count, bitpix)), 0);
  };
}

/** NOCOMPRESS, and the column UNCOMPRESSED_DATA: the big-endian numbers. */
export function plainDecoder(data: Uint8Array, bitpix: number): TileDecoder {
  return ({ start, length }, count, take) => {
    if (length !== count * byteWidth(bitpix)) {
      throw new FitsError(`A tile of ${count} pixels of BITPIX ${bitpix} has ${length} bytes.`);
    }
    take(fromBigEndian(data.subarray(start, start + length), bitpix), 0);
  };
}

function byteWidth(bitpix: number): number {
  return BYTES_OF_BITPIX.get(bitpix) ?? 0;
}

/** What a gzipped tile holds; no more than four (or for doubles eight) bytes a pixel are ever allocated. */
function gunzipTile(data: Uint8Array, { start, length }: Span, count: number, bitpix: number): Uint8Array {
  const maxOutputLength = count * Math.max(4, byteWidth(bitpix));
  try {
    return gunzipSync(data.subarray(start, start + length), { maxOutputLength });
  } catch (error) {
    throw new FitsError(`A gzipped tile of ${length} bytes does not hold ${count} pixels: ${reason(error)}.`);
  }
}

/** BITPIX by the bytes that came out: older cfitsio gzipped integers of 8 and 16 bits as 32. */
function tileBitpix(length: number, count: number, bitpix: number): number {
  if (length === count * byteWidth(bitpix)) return bitpix;
  if (bitpix > 0 && length === count * 4) return 32;
  throw new FitsError(`A gzipped tile of ${count} pixels of BITPIX ${bitpix} holds ${length} bytes.`);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
