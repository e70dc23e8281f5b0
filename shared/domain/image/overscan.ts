import type { RawAmplifier, Section } from './amplifiers.ts';
import { medianInPlace, robustSigmaInPlace } from './statistics.ts';

/** Columns and rows next to the data whose overscan still holds deferred charge. */
const DEFERRED = 3;

/** Rows over which the level is averaged: 60 columns of 6 e- noise give 0.35 e- a row of five. */
const SMOOTHING_ROWS = 2;

/** So many rows tell the noise by which all are clipped. */
const NOISE_ROWS = 32;

/** Fewest rows that make a parallel overscan; fewer add more noise to a column than they take away. */
const LEAST_PARALLEL_ROWS = 8;

/** Deviation of a column's level, in its own errors, from which on it is a column's and not noise. */
const SIGNIFICANT = 4;

/** What reads above it in a parallel overscan, in units of the read noise, is charge that bled out of the data. */
const BLED = 10;

export interface Overscan {
  /** Level of each row of DATASEC, in the order of the file, ADU. */
  readonly rows: Float64Array;
  /** What the columns of DATASEC have over that, ADU. */
  readonly columns: Float32Array;
  /** Standard deviation of the serial overscan around its level, the read noise in ADU. */
  readonly readNoise: number;
}

/**
 * Overscan of an amplifier: serially a clipped mean for each row, smoothed over five; in parallel, where rows are read
 * after the data, the level of those columns that differ from the others, and of the rest their median.
 *
 * @param pixels of the whole HDU, ADU
 */
export function measureOverscan(pixels: Float32Array, amplifier: RawAmplifier): Overscan {
  const columns = serialColumns(amplifier);
  const { data, image } = amplifier;
  const { levels, readNoise } = serialLevels(pixels, amplifier, columns);
  const [first, last] = parallelRows(amplifier);
  const offsets =
    last - first < LEAST_PARALLEL_ROWS
      ? new Float32Array(data.x1 - data.x0)
      : parallelLevels(pixels, image.width, data, [first, last], levels, readNoise);
  return { rows: levels.slice(data.y0, data.y1), columns: offsets, readNoise };
}

/** The serial overscan's columns that the data's charge does not reach. */
function serialColumns({ data, serial: { x0, x1 } }: RawAmplifier): [number, number] {
  if (x1 - x0 <= 4 * DEFERRED) return [x0, x1];
  if (x0 >= data.x1) return [x0 + DEFERRED, x1];
  return x1 <= data.x0 ? [x0, x1 - DEFERRED] : [x0, x1];
}

/** Rows read after the data, without those next to it. */
function parallelRows({ data, image }: RawAmplifier): [number, number] {
  return data.flipY ? [0, data.y0 - DEFERRED] : [data.y1 + DEFERRED, image.height];
}

function serialLevels(
  pixels: Float32Array,
  { data, serial, image }: RawAmplifier,
  [x0, x1]: readonly [number, number],
): { levels: Float64Array; readNoise: number } {
  const startOf = (y: number): number => {
    // Where BIASSEC is shorter than the data, its ends stand in.
    const inside = y >= data.y0 && y < data.y1;
    return (inside ? Math.min(Math.max(y, serial.y0), serial.y1 - 1) : y) * image.width + x0;
  };
  // In the order of the read-out, so that the file's does not matter.
  const rowAt = (k: number): number => (data.flipY ? image.height - 1 - k : k);
  const spreads: number[] = [];
  for (let k = 0; k < image.height; k += Math.ceil(image.height / NOISE_ROWS))
    spreads.push(robustSigmaInPlace(pixels.slice(startOf(rowAt(k)), startOf(rowAt(k)) + x1 - x0)));
  const clipped = clippedMeans(pixels, x1 - x0, 1, 3 * medianInPlace(Float64Array.from(spreads)));
  const raw = new Float64Array(image.height);
  let level = Number.NaN;
  for (let k = 0; k < raw.length; k++) {
    level = clipped.meanFrom(startOf(rowAt(k)), level);
    raw[rowAt(k)] = level;
  }
  return { levels: smooth(raw), readNoise: clipped.sigma() };
}

/** Fewest of the values that must lie around a guess for that to be their centre. */
const AGREEING = 0.9;

/**
 * Means of series of `count` values, `step` apart, within `limit` of their median; or of a guess that has most of them
 * around it, since a median costs ten times a mean.
 */
function clippedMeans(values: Float32Array, count: number, step: number, limit: number) {
  const copy = new Float32Array(count);
  const found: Sums = { kept: 0, sum: 0, square: 0 };
  const all = { squares: 0, degrees: 0 };
  return {
    meanFrom(start: number, guess: number): number {
      let centre = guess;
      sumAround(centre, limit, values, start, count, step, found);
      if (found.kept < AGREEING * count) {
        for (let k = 0; k < count; k++) copy[k] = values[start + k * step];
        centre = medianInPlace(copy);
        sumAround(centre, limit, values, start, count, step, found);
      }
      if (found.kept === 0) return centre;
      all.squares += found.square - (found.sum * found.sum) / found.kept;
      all.degrees += found.kept - 1;
      return centre + found.sum / found.kept;
    },
    /** Their standard deviation; the variance of a Gaussian cut at 3 sigma is 0.973 of the whole one. */
    sigma: (): number => Math.sqrt(all.squares / Math.max(1, all.degrees) / 0.9733),
  };
}

interface Sums {
  kept: number;
  sum: number;
  square: number;
}

/** Number, sum and squares of the offsets from `centre` that are within the limit. */
function sumAround(
  centre: number,
  limit: number,
  values: Float32Array,
  start: number,
  count: number,
  step: number,
  into: Sums,
): void {
  let kept = 0;
  let sum = 0;
  let square = 0;
  const end = start + count * step;
  for (let at = start; at < end; at += step) {
    const offset = values[at] - centre;
    if (offset <= limit && offset >= -limit) {
      sum += offset;
      square += offset * offset;
      kept++;
    }
  }
  into.kept = kept;
  into.sum = sum;
  into.square = square;
}

function smooth(raw: Float64Array): Float64Array {
  return raw.map((_, row) => {
    const first = Math.max(0, row - SMOOTHING_ROWS);
    const last = Math.min(raw.length - 1, row + SMOOTHING_ROWS);
    let sum = 0;
    for (let r = first; r <= last; r++) sum += raw[r];
    return sum / (last - first + 1);
  });
}

function parallelLevels(
  pixels: Float32Array,
  width: number,
  data: Section,
  [first, last]: readonly [number, number],
  levels: Float64Array,
  readNoise: number,
): Float32Array {
  const columns = data.x1 - data.x0;
  const rows = last - first;
  const excess = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const from = (first + y) * width + data.x0;
    const level = levels[first + y];
    for (let x = 0; x < columns; x++) excess[y * columns + x] = pixels[from + x] - level;
  }
  const clipped = clippedMeans(excess, rows, columns, 3 * readNoise);
  // One guess for all columns, so that the order in which they are read does not matter.
  const guess = medianInPlace(excess.slice());
  const offsets = Float32Array.from({ length: columns }, (_, x) => clipped.meanFrom(x, guess));
  const centre = medianInPlace(Float32Array.from(offsets));
  const least = (SIGNIFICANT * readNoise) / Math.sqrt(rows);
  return offsets.map((offset) => {
    const deviation = Math.abs(offset - centre);
    return deviation > least && deviation < BLED * readNoise ? offset : centre;
  });
}
