import type { PlaneMap } from './newton.ts';

/**
 * Simple Imaging Polynomial (Shupe et al. 2005, ADASS XIV, 491): what is added to pixel offsets (u, v) from the
 * reference pixel before the CD matrix. The coefficient of u^p v^q stands at index p * (order + 1) + q.
 */
export interface Sip {
  readonly kind: 'SIP';
  readonly order: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** (u, v) -> (u + f(u, v), v + g(u, v)) with its derivatives. */
export function sipMap(sip: Sip): PlaneMap {
  const f = [0, 0, 0];
  const g = [0, 0, 0];
  return (u, v) => {
    polynomial(sip.a, sip.order, u, v, f);
    polynomial(sip.b, sip.order, u, v, g);
    return [u + f[0], v + g[0], 1 + f[1], f[2], g[1], 1 + g[2]];
  };
}

/** Value, d/du and d/dv into `out`, by Horner's rule in v inside Horner's rule in u. */
function polynomial(
  coefficients: readonly number[],
  order: number,
  u: number,
  v: number,
  out: number[],
): void {
  let value = 0;
  let du = 0;
  let dv = 0;
  for (let p = order; p >= 0; p--) {
    let row = 0;
    let rowDv = 0;
    for (let q = order - p; q >= 0; q--) {
      rowDv = rowDv * v + row;
      row = row * v + coefficients[p * (order + 1) + q];
    }
    du = du * u + value;
    value = value * u + row;
    dv = dv * u + rowDv;
  }
  out[0] = value;
  out[1] = du;
  out[2] = dv;
}
