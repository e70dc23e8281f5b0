/** Bertin & Arnouts's mode and sigma of a cell's pixels, by walking its histogram from both ends. */
export function cellTwin(pixels: readonly number[]): { level: number; sigma: number } {
  const all = moments(pixels);
  const near = pixels.filter((value) => Math.abs(value - all.mean) <= 2 * all.sigma);
  const { mean, sigma } = moments(near);
  const count = Math.min(4096, Math.floor(Math.sqrt(2 / Math.PI) * 1.25 * near.length + 1));
  const bin = Math.fround((10 * sigma) / count);
  const zero = Math.fround(mean - 5 * sigma);
  const start = Math.fround(0.499999 - zero / bin);
  const bins = new Array<number>(count).fill(0);
  for (const value of pixels) {
    const place = Math.trunc(Math.fround(Math.fround(value / bin) + start));
    if (place >= 0 && place < count) bins[place]++;
  }
  const mode = clip(bins);
  return { level: zero + mode.level * bin, sigma: mode.sigma * bin };
}

function moments(values: readonly number[]): { mean: number; sigma: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  return { mean, sigma: Math.sqrt(square - mean * mean) };
}

function clip(bins: readonly number[]): { level: number; sigma: number } {
  let [low, high] = [0, bins.length - 1];
  let [sigma, before] = [10 * high, 1];
  let [mean, median] = [0, 0];
  while (sigma >= 0.1 && Math.abs(sigma / before - 1) > 1e-4) {
    before = sigma;
    let [below, above] = [0, 0];
    let [left, right] = [low, high];
    while (left <= right) {
      if (below < above) below += bins[left++];
      else above += bins[right--];
    }
    median = right + 0.5 + (above - below) / (2 * Math.max(bins[left] ?? 0, bins[right] ?? 0));
    let [sum, first, second] = [0, 0, 0];
    for (let i = low; i <= high; i++) {
      sum += bins[i];
      first += bins[i] * i;
      second += bins[i] * i * i;
    }
    mean = first / sum;
    sigma = Math.sqrt(second / sum - mean * mean);
    low = Math.max(0, Math.floor(median - 3 * sigma + 0.5));
    high = Math.min(bins.length - 1, Math.floor(median + 3 * sigma + 0.5));
  }
  return { level: Math.abs(mean - median) < 0.3 * sigma ? 2.5 * median - 1.5 * mean : median, sigma };
}
