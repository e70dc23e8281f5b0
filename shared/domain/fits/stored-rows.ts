/** An image's numbers as the file stores them, in rows. */
import { arrayOf, BYTES_OF_BITPIX, fromLongs, type StoredPixels, swapBytes } from './big-endian.ts';
import type { CardValue } from './header.ts';

/** Takes a piece of the rows asked for; `at` is where it starts among their numbers. Its memory is used again. */
export type TakeStored = (piece: StoredPixels, at: number) => void;

/** Numbers before BSCALE, BZERO and BLANK, decoded only when they are asked for. */
export interface StoredRows {
  readonly width: number;
  readonly height: number;
  /** Hands over rows [y0, y1) in pieces, in no certain order, each number once. */
  read(y0: number, y1: number, take: TakeStored): void;
}

/** Numbers a piece: its bytes stay in the processor's first cache but one. */
const PIECE = 8192;

/**
 * The big-endian numbers of a plain image. Those of 64 bits come as doubles, BLANK as NaN.
 *
 * @param data as many bytes as the pixels take, at any offset
 */
export function plainRows(
  data: Uint8Array,
  { width, height, bitpix, blank }: { width: number; height: number; bitpix: number; blank?: CardValue },
): StoredRows {
  const pixelBytes = BYTES_OF_BITPIX.get(bitpix) ?? 0;
  const scratch = new Uint8Array(Math.min(PIECE, width * height) * pixelBytes);
  const numbers = bitpix === 64 ? undefined : arrayOf(scratch.buffer, bitpix);
  const pieceAt = (from: number, count: number): StoredPixels => {
    const bytes = data.subarray(from * pixelBytes, (from + count) * pixelBytes);
    if (numbers === undefined) return fromLongs(bytes, blank, from);
    scratch.set(bytes);
    swapBytes(scratch.subarray(0, bytes.length), pixelBytes);
    return count === numbers.length ? numbers : numbers.subarray(0, count);
  };
  return {
    width,
    height,
    read(y0, y1, take) {
      const first = y0 * width;
      for (let from = first; from < y1 * width; from += PIECE) {
        take(pieceAt(from, Math.min(PIECE, y1 * width - from)), from - first);
      }
    },
  };
}
