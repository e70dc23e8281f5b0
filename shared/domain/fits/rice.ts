/**
 * RICE_1: differences of neighbours, folded to unsigned, in blocks that share one split into a unary and a plain part.
 * FITS Standard 4.0, section 10.4.1; Rice, Yeh & Miller 1993; White & Becker 1998.
 *
 * A tile starts with its first pixel in full. A block starts with a code: 0 for "all differences are 0", the largest for
 * "differences follow as they are", else 1 + the number of plain bits.
 */
import { FitsError } from './header.ts';
import { MOST_NUMBERS, riceBound, tileMemory } from './tile-memory.ts';

/** Bytes of a number in the stream. */
export type BytePix = 1 | 2 | 4;

/** Most bytes that the kernel may read behind a tile before it notices that a damaged one has no end. */
const SLACK = 272;
/** Pixels of a block, as fpack has them. */
const BLOCK_SIZE = 32;
/** A block of 32 bytes that do not differ takes three bits. */
const MOST_PIXELS_A_BYTE = 86;

/**
 * Decodes a tile of `count` pixels, in pieces of MOST_NUMBERS at most; `at` is where a piece starts in the tile, and the
 * next one overwrites it. FitsError where the bytes do not make a tile.
 */
export function decodeRice(
  tile: Uint8Array,
  count: number,
  { bytePix, blockSize }: { bytePix: BytePix; blockSize: 16 | 32 },
  take: (piece: Int32Array, at: number) => void,
): void {
  const { length } = tile;
  if (length < bytePix || length >= 2 ** 28 || count > length * MOST_PIXELS_A_BYTE)
    throw brokenTile(length, count);
  const memory = tileMemory();
  const { workspace, state } = memory;
  const stream = memory.bytes(length + SLACK);
  const integers = memory.integers(Math.min(count, MOST_NUMBERS));
  stream.set(tile);
  state.fill(0);
  for (let at = 0; at < count; at += MOST_NUMBERS) {
    const some = Math.min(MOST_NUMBERS, count - at);
    const isWhole = workspace.run(
      'unpackRice',
      ...[stream.byteOffset, 8 * length, integers.byteOffset, some, blockSize, 8 * bytePix, state.byteOffset],
    );
    if (!isWhole) throw brokenTile(length, count);
    take(integers.subarray(0, some), at);
  }
}

function brokenTile(length: number, count: number): FitsError {
  return new FitsError(
    `A RICE_1 tile of ${length} bytes does not hold ${count} pixels: the bytes are damaged.`,
  );
}

/**
 * Encodes pixels as one tile; the bytes are fpack's. They are overwritten by the next tile, encoded or
 * decoded.
 */
export function encodeRice(pixels: Int32Array | Int16Array | Uint8Array, bytePix: BytePix): Uint8Array {
  const memory = tileMemory();
  const { workspace, block } = memory;
  const count = pixels.length;
  const out = memory.bytes(riceBound(count));
  let integers = pixels;
  if (!memory.holds(pixels)) {
    integers = memory.integers(count);
    integers.set(pixels);
  }
  const length = workspace.run(
    'packRice',
    ...[integers.byteOffset, count, out.byteOffset, BLOCK_SIZE, 8 * bytePix, block.byteOffset],
  );
  return out.subarray(0, length);
}
