/**
 * RICE_1: differences of neighbours, folded to unsigned, in blocks that share one split into a unary and a
 * plain part. FITS Standard 4.0, section 10.4.1; Rice, Yeh & Miller 1993; White & Becker 1998.
 *
 * A tile starts with its first pixel in full. A block starts with a code in `codeBits` bits: 0 for "all
 * differences are 0", `rawCode` for "differences follow as they are", else 1 + the number of plain bits.
 */
import { FitsError } from './header.ts';

/** Pixels that Rice codes: BYTEPIX 1, 2 and 4. */
export type RicePixels = Uint8Array | Int16Array | Int32Array;

interface Width {
  readonly bits: number;
  readonly codeBits: number;
  readonly rawCode: number;
}

const WIDTHS: Readonly<Record<number, Width>> = {
  1: { bits: 8, codeBits: 3, rawCode: 7 },
  2: { bits: 16, codeBits: 4, rawCode: 15 },
  4: { bits: 32, codeBits: 5, rawCode: 26 },
};

/** Most pixels that share one code: BLOCKSIZE is 16 or 32. */
const MAX_BLOCK_SIZE = 32;

/** Bytes that `decodeRice` may read behind a tile before it notices that a damaged one has no end. */
export const RICE_SLACK = 4 * MAX_BLOCK_SIZE + 8;

/**
 * Decodes one tile of `out.length` pixels, which lies at `start` in `stream` and is `length` bytes long.
 * Behind the tile the stream needs RICE_SLACK readable bytes. FitsError where the bytes do not make a tile.
 */
export function decodeRice(
  stream: DataView,
  start: number,
  length: number,
  out: RicePixels,
  blockSize: number,
): void {
  const { bits, codeBits, rawCode } = WIDTHS[out.BYTES_PER_ELEMENT];
  const count = out.length;
  if (length < out.BYTES_PER_ELEMENT || length >= 2 ** 28) throw brokenTile(length, count);
  const end = length * 8;
  let last = stream.getInt32(start) >> (32 - bits);
  let at = bits; // in bits from `start`
  for (let i = 0; i < count; ) {
    const stop = Math.min(i + blockSize, count);
    const code = (stream.getInt32(start + (at >>> 3)) << (at & 7)) >>> (32 - codeBits);
    at += codeBits;
    if (at > end || code > rawCode) throw brokenTile(length, count);
    if (code === 0) {
      for (; i < stop; i++) out[i] = last;
    } else if (code === rawCode) {
      for (; i < stop; i++, at += bits) {
        const folded = bitsAt(stream, start, at) >>> (32 - bits);
        last = (last + ((folded >>> 1) ^ -(folded & 1))) | 0;
        out[i] = last;
      }
    } else {
      const plain = code - 1;
      for (; i < stop; i++) {
        let window = stream.getInt32(start + (at >>> 3)) << (at & 7);
        let zeros = Math.clz32(window);
        // 25 bits of the window are good at any alignment: enough for all but wild jumps
        if (zeros + plain > 24) {
          zeros = zerosAt(stream, start, at, end);
          if (zeros < 0) throw brokenTile(length, count);
          window = bitsAt(stream, start, at + zeros) << 1;
        } else {
          window <<= zeros + 1;
        }
        at += zeros + 1 + plain;
        const folded = (zeros << plain) | ((window >>> 1) >>> (31 - plain));
        last = (last + ((folded >>> 1) ^ -(folded & 1))) | 0;
        out[i] = last;
      }
    }
  }
  if (at > end) throw brokenTile(length, count);
}

function bitsAt(stream: DataView, start: number, at: number): number {
  const byte = start + (at >>> 3);
  return (stream.getInt32(byte) << (at & 7)) | (stream.getUint8(byte + 4) >>> (8 - (at & 7)));
}

/** Zero bits from bit `at` to the next one bit; -1 where there is none before `end`. */
function zerosAt(stream: DataView, start: number, at: number, end: number): number {
  for (let from = at; from < end; from += 25) {
    const zeros = Math.clz32(stream.getInt32(start + (from >>> 3)) << (from & 7));
    if (zeros < 25) return from + zeros < end ? from + zeros - at : -1;
  }
  return -1;
}

function brokenTile(length: number, count: number): FitsError {
  return new FitsError(
    `A RICE_1 tile of ${length} bytes does not hold ${count} pixels: the bytes are damaged.`,
  );
}

/** Bytes that `encodeRice` may touch for a tile of `count` pixels, before it is known how many it needs. */
export function riceBound(count: number, bytePix: number, blockSize: number): number {
  return bytePix + Math.ceil(count / blockSize) + count * (bytePix + 1) + 8;
}

/**
 * Encodes `pixels[from, to)` as one tile into `out` at byte `start`, where `riceBound` bytes are zero, and
 * returns the length in bytes. The split follows the block's mean as cfitsio's does, so the bytes are fpack's.
 */
export function encodeRice(
  pixels: RicePixels,
  from: number,
  to: number,
  blockSize: number,
  out: DataView,
  start: number,
): number {
  const { bits, codeBits, rawCode } = WIDTHS[pixels.BYTES_PER_ELEMENT];
  const spare = 32 - bits;
  const folded = new Int32Array(blockSize);
  let last = pixels[from];
  put(out, start, 0, bits, last);
  let at = bits;
  for (let i = from; i < to; ) {
    const count = Math.min(blockSize, to - i);
    let sum = 0;
    for (let k = 0; k < count; k++, i++) {
      const step = ((pixels[i] - last) << spare) >> spare;
      last = pixels[i];
      const fold = (step << 1) ^ (step >> 31);
      folded[k] = fold;
      sum += fold >>> 0;
    }
    const mean = Math.max(0, (sum - (count >> 1) - 1) / count);
    const plain = 32 - Math.clz32(mean >>> 1);
    if (sum === 0) {
      at += codeBits;
    } else if (plain + 1 >= rawCode) {
      put(out, start, at, codeBits, rawCode);
      at += codeBits;
      for (let k = 0; k < count; k++, at += bits) put(out, start, at, bits, folded[k]);
    } else {
      put(out, start, at, codeBits, plain + 1);
      at += codeBits;
      const one = 1 << plain;
      for (let k = 0; k < count; k++) {
        at += folded[k] >>> plain;
        const byte = start + (at >>> 3);
        const code = one | (folded[k] & (one - 1));
        // at most 25 bits (plain is 24 or less), so that code and alignment fit one word
        out.setInt32(byte, out.getInt32(byte) | (code << (31 - plain - (at & 7))));
        at += plain + 1;
      }
    }
  }
  return (at + 7) >>> 3;
}

/** Sets `bits` bits of zeroed memory at bit `at` to the low bits of `value`. */
function put(out: DataView, start: number, at: number, bits: number, value: number): void {
  const byte = start + (at >>> 3);
  const left = value << (32 - bits);
  const shift = at & 7;
  out.setInt32(byte, out.getInt32(byte) | (left >>> shift));
  if (shift + bits > 32) out.setUint8(byte + 4, (left << (8 - shift)) & 255);
}
