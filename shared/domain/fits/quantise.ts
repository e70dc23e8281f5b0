/**
 * Floats as integers in steps, and back. FITS Standard 4.0, section 10.2 and appendix I.
 */
import type { StoredPixels } from './big-endian.ts';
import { type Dither, eachDitherRun } from './dither.ts';
import { tileMemory } from './tile-memory.ts';

export interface Quantisation {
  readonly scale: number;
  readonly zero: number;
  /** The integer that stands for NaN. */
  readonly blank?: number;
  readonly dither: Dither;
  /** Tile number (0-based) + ZDITHER0 - 1: which random numbers the tile took. */
  readonly tile: number;
}

/** What `quantise` makes of NaN. */
export const QUANTISED_BLANK = -2147483647;
/** Integers beyond it have meanings of their own. */
const LARGEST = 2 ** 31 - 16;

/**
 * Floats of a tile's integers from its pixel `at` on, MOST_NUMBERS at most, as doubles where `wide`. What is returned is
 * overwritten by the next call.
 */
export function dequantise(
  integers: StoredPixels,
  at: number,
  { scale, zero, blank, dither, tile }: Quantisation,
  wide: boolean,
): Float32Array | Float64Array {
  const memory = tileMemory();
  const { workspace, randoms } = memory;
  const count = integers.length;
  const target = wide ? memory.doubles() : memory.floats(count);
  let source = integers;
  if (!memory.holds(integers)) {
    source = memory.integers(count);
    source.set(integers);
  }
  const keepZeros = dither === 'SUBTRACTIVE_DITHER_2' ? 1 : 0;
  const hasBlank = blank !== undefined && blank === (blank | 0);
  const run = (from: number, length: number, random: number): void => {
    workspace.run(
      'dequantise',
      ...[source.byteOffset + 4 * from, target.byteOffset + target.BYTES_PER_ELEMENT * from, length],
      ...[scale, zero, random, hasBlank ? 1 : 0, blank ?? 0, keepZeros, wide ? 1 : 0],
    );
  };
  if (dither === 'NO_DITHER') run(0, count, 0);
  else {
    eachDitherRun(tile, at, at + count, (from, length, first) =>
      run(from - at, length, randoms.byteOffset + 4 * first),
    );
  }
  return target.subarray(0, count);
}

/**
 * Integers of a tile's floats in steps of `scale`, zero at 0: NaN as QUANTISED_BLANK and, under SUBTRACTIVE_DITHER_2, exact
 * zeros as themselves. They lie in tile memory, where `encodeRice` takes them from. Undefined where 31 bits do not hold them.
 */
export function quantise(
  floats: Float32Array,
  { scale, dither, tile }: Pick<Quantisation, 'scale' | 'dither' | 'tile'>,
): Int32Array | undefined {
  const memory = tileMemory();
  const { workspace, randoms } = memory;
  const count = floats.length;
  const target = memory.integers(count);
  let source = floats;
  if (!memory.holds(floats)) {
    source = memory.floats(count);
    source.set(floats);
  }
  // the kernel takes four at a time
  new Float32Array(source.buffer, source.byteOffset + 4 * count, 4).fill(0);
  const keepZeros = dither === 'SUBTRACTIVE_DITHER_2' ? 1 : 0;
  let largest = 0;
  const run = (from: number, length: number, random: number): void => {
    const [at, to] = [source.byteOffset + 4 * from, target.byteOffset + 4 * from];
    largest = Math.max(largest, workspace.run('quantise', at, to, length, 1 / scale, random, keepZeros));
  };
  if (dither === 'NO_DITHER') run(0, count, 0);
  else
    eachDitherRun(tile, 0, count, (from, length, first) => run(from, length, randoms.byteOffset + 4 * first));
  return largest / scale < LARGEST ? target.subarray(0, count) : undefined;
}
