import { fitNonlinear } from './least-squares.ts';

/** An elliptical Moffat profile centred in a stamp, by its FWHM in pixels, slope beta and ellipticities. */
export interface Moffat {
  readonly fwhm: number;
  readonly beta: number;
  readonly e1: number;
  readonly e2: number;
}

/** Samples it on (2 half + 1)² pixels with the sum 1; (dx, dy) moves its centre. */
export function sampleMoffat(moffat: Moffat, half: number, dx = 0, dy = 0): Float64Array {
  const side = 2 * half + 1;
  const stamp = new Float64Array(side * side);
  fill(stamp, half, 1, moffat, dx, dy);
  let sum = 0;
  for (const value of stamp) sum += value;
  return stamp.map((value) => value / sum);
}

/** Fits a Moffat to a background-subtracted stamp; undefined when it does not converge to a sane profile. */
export function fitMoffat(
  stamp: Float64Array,
  half: number,
  weights: Float64Array,
  fwhm: number,
): Moffat | undefined {
  const centre = stamp[half * (2 * half + 1) + half];
  const fit = fitNonlinear(
    (p, values) => {
      fill(
        values,
        half,
        p[0],
        { fwhm: Math.exp(p[1]), beta: 1 + Math.exp(p[2]), e1: p[3], e2: p[4] },
        p[5],
        p[6],
      );
      for (let i = 0; i < values.length; i++) values[i] += p[7];
    },
    stamp,
    weights,
    [centre, Math.log(fwhm), Math.log(2), 0, 0, 0, 0, 0],
    [centre * 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, centre * 1e-6],
    40,
  );
  if (fit === undefined) return undefined;
  const [, logFwhm, logSlope, e1, e2] = fit.parameters;
  const moffat = { fwhm: Math.exp(logFwhm), beta: 1 + Math.exp(logSlope), e1, e2 };
  const sane = moffat.fwhm > 1 && moffat.fwhm < 2 * half && Math.hypot(e1, e2) < 0.5;
  return sane ? { ...moffat, beta: Math.min(moffat.beta, 20) } : undefined;
}

function fill(stamp: Float64Array, half: number, peak: number, moffat: Moffat, dx: number, dy: number): void {
  const { fwhm, beta, e1, e2 } = moffat;
  const alpha = fwhm / (2 * Math.sqrt(2 ** (1 / beta) - 1));
  const scale = 1 / (alpha * alpha * (1 - e1 * e1 - e2 * e2));
  let at = 0;
  for (let y = -half - dy; at < stamp.length; y++) {
    for (let i = -half; i <= half; i++) {
      const x = i - dx;
      const xs = (1 - e1) * x - e2 * y;
      const ys = (1 + e1) * y - e2 * x;
      stamp[at++] = peak * (1 + (xs * xs + ys * ys) * scale) ** -beta;
    }
  }
}
