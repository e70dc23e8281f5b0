import type { RawAmplifier, Section } from './amplifiers.ts';
import { medianInPlace, robustSigmaInPlace } from './statistics.ts';

/** Columns and rows next to the data whose overscan still holds deferred charge. */
const DEFERRED = 3;

/** Rows over which the level is averaged: 60 columns of 6 e- noise give 0.35 e- a row of five. */
const SMOOTHING_ROWS = 2;

/** Every so many rows tell the noise by which the others are clipped. */
const NOISE_STRIDE = 16;

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
  const values = new Float32Array(x1 - x0);
  const read = (y: number): Float32Array => {
    // Where BIASSEC is shorter than the data, its ends stand in.
    const inside = y >= data.y0 && y < data.y1;
    const row = inside ? Math.min(Math.max(y, serial.y0), serial.y1 - 1) : y;
    values.set(pixels.subarray(row * image.width + x0, row * image.width + x1));
    return values;
  };
  const spreads: number[] = [];
  for (let y = data.y0; y < data.y1; y += NOISE_STRIDE) spreads.push(robustSigmaInPlace(read(y)));
  const limit = 3 * medianInPlace(Float64Array.from(spreads));
  const raw = new Float64Array(image.height);
  const sums = { squares: 0, count: 0 };
  for (let y = 0; y < image.height; y++) raw[y] = clippedMean(read(y), values.length, limit, sums);
  // The variance of a Gaussian cut at 3 sigma is 0.973 of the whole one.
  return { levels: smooth(raw), readNoise: Math.sqrt(sums.squares / Math.max(1, sums.count) / 0.9733) };
}

/** Mean of the values (reordered) within `limit` of their median; adds their squares around it to `sums`. */
function clippedMean(
  values: Float32Array,
  count: number,
  limit: number,
  sums: { squares: number; count: number },
): number {
  const centre = medianInPlace(values, count);
  let sum = 0;
  let squares = 0;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const offset = values[i] - centre;
    if (offset > limit || offset < -limit) continue;
    sum += offset;
    squares += offset * offset;
    kept++;
  }
  if (kept === 0) return centre;
  sums.squares += squares - (sum * sum) / kept;
  sums.count += Math.max(0, kept - 1);
  return centre + sum / kept;
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
  const rows = last - first;
  const values = new Float32Array(rows);
  const offsets = new Float32Array(data.x1 - data.x0);
  const sums = { squares: 0, count: 0 };
  for (let x = 0; x < offsets.length; x++) {
    for (let y = 0; y < rows; y++) values[y] = pixels[(first + y) * width + data.x0 + x] - levels[first + y];
    offsets[x] = clippedMean(values, rows, 3 * readNoise, sums);
  }
  const centre = medianInPlace(Float32Array.from(offsets));
  const least = (SIGNIFICANT * readNoise) / Math.sqrt(rows);
  return offsets.map((offset) => {
    const deviation = Math.abs(offset - centre);
    return deviation > least && deviation < BLED * readNoise ? offset : centre;
  });
}
