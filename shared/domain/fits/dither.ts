/** The random numbers that are added to floats before they are rounded. FITS Standard 4.0, section 10.2 and appendix I. */

/** ZQUANTIZ: how noise was added before rounding, which reading takes away again. */
export type Dither = 'NO_DITHER' | 'SUBTRACTIVE_DITHER_1' | 'SUBTRACTIVE_DITHER_2';

const RANDOM_COUNT = 10_000;

/** The standard's 10,000 numbers in [0, 1): Park & Miller's generator from seed 1, as floats. */
export const ditherNumbers = makeNumbers();

function makeNumbers(): Float32Array {
  const numbers = new Float32Array(RANDOM_COUNT);
  let seed = 1;
  for (let i = 0; i < RANDOM_COUNT; i++) {
    seed = (16807 * seed) % 2147483647; // below 2^46, exact in a double
    numbers[i] = seed / 2147483647;
  }
  return numbers;
}

/**
 * Walks pixels [from, to) of a tile in runs whose random numbers follow each other: `visit` gets where a run starts among
 * the tile's pixels, its length, and the index of its first number.
 *
 * @param tile 0-based number of the tile + ZDITHER0 - 1
 */
export function eachDitherRun(
  tile: number,
  from: number,
  to: number,
  visit: (at: number, count: number, first: number) => void,
): void {
  for (let at = 0, k = tile % RANDOM_COUNT; at < to; k = (k + 1) % RANDOM_COUNT) {
    const start = Math.trunc(ditherNumbers[k] * 500);
    const end = at + RANDOM_COUNT - start;
    const first = Math.max(at, from);
    if (end > from) visit(first, Math.min(end, to) - first, start + first - at);
    at = end;
  }
}
