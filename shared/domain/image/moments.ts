/** Centroid and second moments (pixels²) of the elliptical Gaussian that matches an object. */
export interface Moments {
  readonly x: number;
  readonly y: number;
  readonly ixx: number;
  readonly iyy: number;
  readonly ixy: number;
  /** Flux of that Gaussian. */
  readonly flux: number;
}

const ROUNDS = 60;

/**
 * Adaptive moments (Bernstein & Jarvis 2002): an elliptical Gaussian weight is iterated until its own moments are
 * those it measures. `sign` -1 measures a negative source. Undefined when it does not settle within 4 px of the start
 * or the object is no peak.
 */
export function adaptiveMoments(
  image: Float32Array | Float64Array,
  width: number,
  height: number,
  startX: number,
  startY: number,
  startSigma: number,
  sign = 1,
): Moments | undefined {
  let x = startX;
  let y = startY;
  let ixx = startSigma * startSigma;
  let iyy = ixx;
  let ixy = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const determinant = ixx * iyy - ixy * ixy;
    if (!(determinant > 0.01) || ixx > 400 || iyy > 400) return undefined;
    const sums = weightedSums(image, width, height, x, y, ixx, iyy, ixy);
    const total = sums.total * sign;
    if (!(total > 0)) return undefined;
    const dx = (sign * sums.x) / total;
    const dy = (sign * sums.y) / total;
    // The weighted moments of a Gaussian under a weight of its own shape are half of it: M <- 1 / (1/m - 1/M).
    const next = unweight(
      { xx: (sign * sums.xx) / total, yy: (sign * sums.yy) / total, xy: (sign * sums.xy) / total },
      { xx: ixx, yy: iyy, xy: ixy },
    );
    x += 2 * dx;
    y += 2 * dy;
    if (next === undefined || Math.hypot(x - startX, y - startY) > 4) return undefined;
    const change = Math.abs(next.xx - ixx) + Math.abs(next.yy - iyy) + Math.abs(next.xy - ixy);
    const settled = change < 1e-4 * (ixx + iyy) && Math.abs(dx) + Math.abs(dy) < 1e-4;
    ixx = next.xx;
    iyy = next.yy;
    ixy = next.xy;
    if (settled) return { x, y, ixx, iyy, ixy, flux: 2 * total };
  }
  return undefined;
}

interface Matrix {
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

function unweight(measured: Matrix, weight: Matrix): Matrix | undefined {
  const a = inverse(measured);
  const b = inverse(weight);
  if (a === undefined || b === undefined) return undefined;
  const next = inverse({ xx: a.xx - b.xx, yy: a.yy - b.yy, xy: a.xy - b.xy });
  if (next === undefined || !(next.xx > 0) || !(next.yy > 0)) return undefined;
  // Half a step keeps noisy objects from swinging.
  return { xx: (next.xx + weight.xx) / 2, yy: (next.yy + weight.yy) / 2, xy: (next.xy + weight.xy) / 2 };
}

function inverse({ xx, yy, xy }: Matrix): Matrix | undefined {
  const determinant = xx * yy - xy * xy;
  return determinant > 1e-9
    ? { xx: yy / determinant, yy: xx / determinant, xy: -xy / determinant }
    : undefined;
}

/** Weights below exp(-10), 4.5 sigma out, count for nothing. */
const FAINTEST = 10;

/** Sums under an elliptical Gaussian, which goes along a row by two multiplications a pixel. */
function weightedSums(
  image: Float32Array | Float64Array,
  width: number,
  height: number,
  x: number,
  y: number,
  ixx: number,
  iyy: number,
  ixy: number,
): { total: number; x: number; y: number; xx: number; yy: number; xy: number } {
  const determinant = ixx * iyy - ixy * ixy;
  const a = (0.5 * iyy) / determinant;
  const b = (0.5 * ixx) / determinant;
  const c = -ixy / determinant;
  const reach = Math.min(60, Math.sqrt(2 * FAINTEST * iyy));
  const top = Math.min(height - 1, Math.floor(y + reach));
  const bend = Math.exp(-2 * a);
  let [total, sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
  for (let j = Math.max(0, Math.ceil(y - reach)); j <= top; j++) {
    const dy = j - y;
    // Ends of the row: the roots of a dx² + c dx dy + b dy² = FAINTEST.
    const middle = (-0.5 * c * dy) / a;
    const half = Math.sqrt(Math.max(0, middle * middle - (b * dy * dy - FAINTEST) / a));
    const left = Math.max(0, Math.ceil(x + middle - half));
    const right = Math.min(width - 1, Math.floor(x + middle + half));
    const first = left - x;
    let weight = Math.exp(-(a * first * first + b * dy * dy + c * first * dy));
    let ratio = Math.exp(-(a * (2 * first + 1) + c * dy));
    let [row, rowX, rowXX] = [0, 0, 0];
    for (let i = left, at = j * width + left, dx = first; i <= right; i++, at++, dx++) {
      const value = image[at] * weight;
      row += value;
      rowX += value * dx;
      rowXX += value * dx * dx;
      weight *= ratio;
      ratio *= bend;
    }
    total += row;
    sx += rowX;
    sxx += rowXX;
    sy += row * dy;
    syy += row * dy * dy;
    sxy += rowX * dy;
  }
  return { total, x: sx, y: sy, xx: sxx, yy: syy, xy: sxy };
}
