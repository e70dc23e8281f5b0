/** Lanczos3 value of an image at (x, y), 1024 phases a pixel; NaN when the 6x6 neighbourhood is not inside. */
export function lanczosAt(
  image: Float32Array | Float64Array,
  width: number,
  height: number,
  x: number,
  y: number,
): number {
  const [ix, iy] = [Math.floor(x), Math.floor(y)];
  if (!(ix >= 2 && iy >= 2 && ix + 3 < width && iy + 3 < height)) return Number.NaN;
  const [alongX, alongY] = [weights(x - ix), weights(y - iy)];
  let sum = 0;
  for (let j = 0; j < 6; j++) {
    for (let i = 0; i < 6; i++) sum += alongY[j] * alongX[i] * image[(iy - 2 + j) * width + ix - 2 + i];
  }
  return sum;
}

/** Of the six pixels around, with the sum 1. */
function weights(fraction: number): readonly number[] {
  const phase = Math.round(fraction * 1024);
  const known = table[phase];
  if (known !== undefined) return known;
  const raw = [-2, -1, 0, 1, 2, 3].map((tap) => sinc(tap - phase / 1024) * sinc((tap - phase / 1024) / 3));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  table[phase] = raw.map((weight) => weight / total);
  return table[phase];
}

const table: (readonly number[])[] = [];

function sinc(t: number): number {
  return t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
}
