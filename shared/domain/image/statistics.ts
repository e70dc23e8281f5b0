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
  // As many values below the one as above the other: the negatives of the values have the same sigma.
  const below = Math.floor(0.25 * (n - 1));
  const upper = selectInPlace(values, n - 1 - below, n);
  return (upper - selectInPlace(values, below, n)) * 0.7413;
}

export function robustSigma(values: Iterable<number>): number {
  return robustSigmaInPlace(Float64Array.from(values));
}
