import { add, type Bivariate, bivariate, polynomialMap } from './bivariate.ts';
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

/** Highest order that the keywords A_p_q can state, a digit each. */
export const MAX_SIP_ORDER = 9;

/** u + f(u, v) and v + g(u, v). */
export function sipPolynomials({ order, a, b }: Sip): { x: Bivariate; y: Bivariate } {
  return {
    x: add(bivariate(1, [[1, 0, 1]]), { order, coefficients: a }),
    y: add(bivariate(1, [[0, 1, 1]]), { order, coefficients: b }),
  };
}

/** (u, v) -> (u + f(u, v), v + g(u, v)) with its derivatives. */
export function sipMap(sip: Sip): PlaneMap {
  const { x, y } = sipPolynomials(sip);
  return polynomialMap(x, y);
}
