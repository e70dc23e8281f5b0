import { type Bivariate, bivariate, evaluate } from './bivariate.ts';
import type { PlaneMap } from './newton.ts';

/**
 * TPV, the registered FITS convention for SCAMP's polynomials: 40 coefficients an axis on the plane's coordinates in
 * degrees, x and y for the first axis, y and x for the second. Terms by degree, an odd power of r after each odd one.
 */
export interface Tpv {
  readonly kind: 'TPV';
  readonly pv1: readonly number[];
  readonly pv2: readonly number[];
}

export const TPV_TERMS = 40;

/** [power of x, power of y, power of r] of each coefficient: 0 is the constant, 1 x, 2 y, 3 r, ... 39 r^7. */
const terms: readonly (readonly [number, number, number])[] = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((degree) => {
  const powers = Array.from({ length: degree + 1 }, (_, j) => [degree - j, j, 0] as const);
  return degree % 2 === 1 ? [...powers, [0, 0, degree] as const] : powers;
});

/** (x, y) in degrees before -> after the polynomials, with derivatives. */
export function tpvMap({ pv1, pv2 }: Tpv): PlaneMap {
  const [first, second] = [axisOf(pv1), axisOf(pv2)];
  return (x, y, out) => {
    evaluateAxis(first, x, y, out, 0);
    evaluateAxis(second, y, x, out, 3);
    const dx = out[5];
    out[5] = out[4];
    out[4] = dx;
  };
}

interface Axis {
  readonly polynomial: Bivariate;
  /** Coefficients of r, r^3, r^5, r^7; empty where all are 0. */
  readonly radial: readonly number[];
}

/** Only up to the highest power that occurs: DECam's have 3 of 7. */
function axisOf(pv: readonly number[]): Axis {
  const used = terms.flatMap(([i, j, n], k) => (pv[k] === 0 ? [] : [{ i, j, n, coefficient: pv[k] }]));
  const plain = used.filter(({ n }) => n === 0);
  const order = Math.max(0, ...plain.map(({ i, j }) => i + j));
  const radial = [1, 3, 5, 7].map((power) => used.find(({ n }) => n === power)?.coefficient ?? 0);
  return {
    polynomial: bivariate(
      order,
      plain.map(({ i, j, coefficient }) => [i, j, coefficient]),
    ),
    radial: radial.some((coefficient) => coefficient !== 0) ? radial : [],
  };
}

/** Value and derivatives by the first and the second argument into `out` from `at` on. */
function evaluateAxis(
  { polynomial, radial }: Axis,
  x: number,
  y: number,
  out: Float64Array,
  at: number,
): void {
  evaluate(polynomial, x, y, out, at);
  const square = x * x + y * y;
  // d(r^n)/dx = n r^(n-2) x, which has no value at the origin for n = 1; 0 is its mean there.
  if (radial.length === 0 || square === 0) return;
  let power = Math.sqrt(square);
  for (let k = 0; k < radial.length; k++) {
    out[at] += radial[k] * power;
    const slope = (radial[k] * (2 * k + 1) * power) / square;
    out[at + 1] += slope * x;
    out[at + 2] += slope * y;
    power *= square;
  }
}
