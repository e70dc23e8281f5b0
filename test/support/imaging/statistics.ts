/** 95 % of a Gaussian lie within this many sigma. */
const Z = 1.96;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Wilson's 95 % interval of a binomial proportion (Wilson 1927, JASA 22, 209). */
export function wilson(hits: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const p = hits / trials;
  const centre = p + (Z * Z) / (2 * trials);
  const half = Z * Math.sqrt((p * (1 - p)) / trials + (Z * Z) / (4 * trials * trials));
  const scale = 1 + (Z * Z) / trials;
  return {
    low: hits === 0 ? 0 : (centre - half) / scale,
    high: hits === trials ? 1 : (centre + half) / scale,
  };
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function rmsOf(values: readonly number[]): number {
  return Math.sqrt(meanOf(values.map((value) => value * value)));
}

/**
 * Standard deviation about the median of what lies within five times the median absolute deviation's sigma, with the 95 %
 * interval of its sampling: a transient on an uncatalogued neighbour is not what a scatter is to tell.
 */
export function scatterOf(values: readonly number[]): { sigma: number } & Interval {
  const centre = medianOf(values);
  const robust = 1.4826 * medianOf(values.map((value) => Math.abs(value - centre)));
  const kept = values.filter((value) => Math.abs(value - centre) <= 5 * robust);
  const sigma = rmsOf(kept.map((value) => value - centre));
  const half = Z / Math.sqrt(2 * Math.max(1, kept.length - 1));
  return { sigma, low: sigma * (1 - half), high: sigma * (1 + half) };
}
