type Numbers = Float32Array | Float64Array;

/** The k-th smallest of values[0..n), which it reorders (Hoare's selection). */
export function selectInPlace(values: Numbers, k: number, n = values.length): number {
  let low = 0;
  let high = n - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const swap = values[i];
        values[i++] = values[j];
        values[j--] = swap;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k];
}

/** Median of values[0..n), which it reorders; NaN when there are none. Even counts take the upper one. */
export function medianInPlace(values: Numbers, n = values.length): number {
  return n === 0 ? Number.NaN : selectInPlace(values, n >> 1, n);
}

export function median(values: Iterable<number>): number {
  return medianInPlace(Float64Array.from(values));
}

/** Gaussian sigma from the interquartile range of values[0..n), which it reorders; NaN when there are none. */
export function robustSigmaInPlace(values: Numbers, n = values.length): number {
  if (n === 0) return Number.NaN;
  const upper = selectInPlace(values, Math.floor(0.75 * (n - 1)), n);
  return (upper - selectInPlace(values, Math.floor(0.25 * (n - 1)), n)) * 0.7413;
}

export function robustSigma(values: Iterable<number>): number {
  return robustSigmaInPlace(Float64Array.from(values));
}

/** Every `stride`-th value for which `isWanted` holds. */
export function sample(values: Numbers, stride: number, isWanted: (at: number) => boolean): Float64Array {
  const found = new Float64Array(Math.ceil(values.length / stride));
  let count = 0;
  for (let i = 0; i < values.length; i += stride) if (isWanted(i)) found[count++] = values[i];
  return found.subarray(0, count);
}

export interface ClippedStatistics {
  readonly mean: number;
  readonly median: number;
  readonly sigma: number;
  readonly count: number;
}

/** Mean, median and standard deviation after `rounds` of clipping at `clip` sigma around the median. */
export function clippedStatistics(values: Numbers, n: number, clip = 3, rounds = 3): ClippedStatistics {
  let count = n;
  let centre = medianInPlace(values, count);
  let sigma = robustSigmaInPlace(values, count);
  let mean = centre;
  for (let round = 0; round < rounds && count > 0; round++) {
    const limit = clip * sigma;
    let kept = 0;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const offset = values[i] - centre;
      if (offset > limit || offset < -limit) continue;
      values[kept++] = values[i];
      sum += offset;
      squares += offset * offset;
    }
    if (kept === 0) break;
    mean = centre + sum / kept;
    // The variance of a Gaussian cut at 3 sigma is 0.973 of the whole one.
    sigma = Math.sqrt(Math.max(0, squares / kept - (sum / kept) ** 2) / (clip === 3 ? 0.9733 : 1));
    centre = medianInPlace(values, kept);
    const settled = kept === count;
    count = kept;
    if (settled) break;
  }
  return { mean, median: centre, sigma, count };
}
