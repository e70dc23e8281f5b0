import type { Amplifier } from './amplifiers.ts';
import { clippedStatistics } from './statistics.ts';

/** Columns next to the data whose overscan still holds deferred charge. */
const DEFERRED_COLUMNS = 3;

/** Rows over which the level is averaged: 60 columns of 6 e- noise give 0.35 e- a row of five. */
const SMOOTHING_ROWS = 2;

export interface Overscan {
  /** Level for each row of the amplifier's data, ADU. */
  readonly level: Float64Array;
  /** Standard deviation of the overscan pixels around it, the read noise in ADU. */
  readonly readNoise: number;
}

/** Serial overscan of an amplifier: a clipped mean for each row of DATASEC, smoothed over five rows. */
export function measureOverscan({ image, data, bias }: Amplifier): Overscan {
  const skip = bias.x1 - bias.x0 > 4 * DEFERRED_COLUMNS && bias.x0 >= data.x1 ? DEFERRED_COLUMNS : 0;
  const values = new Float64Array(bias.x1 - bias.x0 - skip);
  const rows = data.y1 - data.y0;
  const raw = new Float64Array(rows);
  let variance = 0;
  for (let row = 0; row < rows; row++) {
    const y = Math.min(Math.max(data.y0 + row, bias.y0), bias.y1 - 1);
    for (let i = 0; i < values.length; i++) values[i] = image.pixels[y * image.width + bias.x0 + skip + i];
    const { mean, sigma } = clippedStatistics(values, values.length, 3, 2);
    raw[row] = mean;
    variance += sigma * sigma;
  }
  const level = raw.map((_, row) => {
    const first = Math.max(0, row - SMOOTHING_ROWS);
    const last = Math.min(rows - 1, row + SMOOTHING_ROWS);
    let sum = 0;
    for (let r = first; r <= last; r++) sum += raw[r];
    return sum / (last - first + 1);
  });
  return { level, readNoise: Math.sqrt(variance / rows) };
}
