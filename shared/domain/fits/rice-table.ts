/**
 * An integer image as the table of a tile-compressed one: a descriptor a row of the image, then the heap.
 * FITS Standard 4.0, sections 7.3.5 and 10.
 */
import { BLOCK } from './card-reader.ts';
import { FitsError } from './header.ts';
import { encodeRice, type RicePixels, riceBound } from './rice.ts';

/** Bytes of a P descriptor: length and offset of 32 bits. */
const DESCRIPTOR = 8;
const BLOCK_SIZE = 32;

/** The table's data, filled to whole blocks, and what its header says of them. */
export function compressRows(
  pixels: RicePixels,
  width: number,
  height: number,
): { table: Uint8Array; longest: number; heapLength: number } {
  if (width === 0 || height === 0)
    throw new FitsError(`An image of ${width} x ${height} has no rows to compress.`);
  const bound = height * (DESCRIPTOR + riceBound(width, pixels.BYTES_PER_ELEMENT, BLOCK_SIZE));
  if (bound > 2 ** 31)
    throw new FitsError(`An image of ${width} x ${height} is too large for one compressed table.`);
  const view = new DataView(new ArrayBuffer(bound + BLOCK));
  const heap = height * DESCRIPTOR;
  let end = heap;
  let longest = 0;
  for (let row = 0; row < height; row++) {
    const length = encodeRice(pixels, row * width, (row + 1) * width, BLOCK_SIZE, view, end);
    view.setInt32(row * DESCRIPTOR, length);
    view.setInt32(row * DESCRIPTOR + 4, end - heap);
    end += length;
    longest = Math.max(longest, length);
  }
  const table = new Uint8Array(view.buffer, 0, Math.ceil(end / BLOCK) * BLOCK);
  return { table, longest, heapLength: end - heap };
}
