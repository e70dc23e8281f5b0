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
  return (x, y) => {
    const [fx, fxx, fxy] = polynomial(pv1, x, y);
    const [fy, fyy, fyx] = polynomial(pv2, y, x);
    return [fx, fy, fxx, fxy, fyx, fyy];
  };
}

/** Value and derivatives by the first and the second argument. */
function polynomial(pv: readonly number[], x: number, y: number): readonly [number, number, number] {
  const r = Math.hypot(x, y);
  let value = 0;
  let dx = 0;
  let dy = 0;
  for (let k = 0; k < TPV_TERMS; k++) {
    const c = pv[k];
    if (c === 0) continue;
    const [i, j, n] = terms[k];
    value += c * x ** i * y ** j * r ** n;
    if (i > 0) dx += c * i * x ** (i - 1) * y ** j;
    if (j > 0) dy += c * j * x ** i * y ** (j - 1);
    // d(r^n)/dx = n r^(n-2) x, which has no value at the origin for n = 1; 0 is its mean there.
    if (n > 0 && r > 0) {
      dx += c * n * r ** (n - 2) * x;
      dy += c * n * r ** (n - 2) * y;
    }
  }
  return [value, dx, dy];
}
