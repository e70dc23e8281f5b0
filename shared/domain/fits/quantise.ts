/**
 * Quantised floats back to floats. FITS Standard 4.0, section 10.2 and appendix I.
 */
import type { StoredPixels } from './big-endian.ts';

/** ZQUANTIZ: how noise was added before rounding, which reading takes away again. */
export type Dither = 'NO_DITHER' | 'SUBTRACTIVE_DITHER_1' | 'SUBTRACTIVE_DITHER_2';

export interface Quantisation {
  readonly scale: number;
  readonly zero: number;
  /** The integer that stands for NaN. */
  readonly blank?: number;
  readonly dither: Dither;
  /** Tile number (0-based) + ZDITHER0 - 1: which random numbers the tile took. */
  readonly row: number;
}

/** SUBTRACTIVE_DITHER_2 keeps exact zeros as this integer. */
const EXACT_ZERO = -2147483646;
const RANDOM_COUNT = 10_000;

/** The standard's 10,000 numbers in [0, 1): Park & Miller's generator from seed 1, as floats. */
const randoms = makeRandoms();

function makeRandoms(): Float32Array {
  const numbers = new Float32Array(RANDOM_COUNT);
  let seed = 1;
  for (let i = 0; i < RANDOM_COUNT; i++) {
    seed = (16807 * seed) % 2147483647; // below 2^46, exact in a double
    numbers[i] = seed / 2147483647;
  }
  return numbers;
}

/** Floats of one tile from its integers, written to `floats` (same length). */
export function dequantise(
  integers: StoredPixels,
  { scale, zero, blank, dither, row }: Quantisation,
  floats: Float32Array | Float64Array,
): void {
  let first = row % RANDOM_COUNT;
  let next = startOf(first);
  for (let i = 0; i < integers.length; i++) {
    const integer = integers[i];
    if (integer === blank) floats[i] = Number.NaN;
    else if (dither === 'NO_DITHER') floats[i] = integer * scale + zero;
    else if (dither === 'SUBTRACTIVE_DITHER_2' && integer === EXACT_ZERO) floats[i] = 0;
    else floats[i] = (integer - randoms[next] + 0.5) * scale + zero;
    next++;
    if (next === RANDOM_COUNT) {
      first = (first + 1) % RANDOM_COUNT;
      next = startOf(first);
    }
  }
}

/** Where the run of random numbers starts for the one at `first`. */
function startOf(first: number): number {
  return Math.trunc(randoms[first] * 500);
}
