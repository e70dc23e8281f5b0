import { ARCSEC_A_RADIAN, RADIANS_A_DEGREE } from '../sky/vector.ts';

/** Coordinates of the celestial intermediate pole in the GCRS and the CIO locator s, radians. */
export interface CelestialPole {
  readonly x: number;
  readonly y: number;
  readonly s: number;
}

/** Polynomials of X and Y in arcseconds, by powers of T. */
const polynomialX = [-0.016617, 2004.191898, -0.4297829, -0.19861834];
const polynomialY = [-0.006951, -0.025896, -22.4072747, 0.00190059];

/**
 * Multiples of l, l', F, D and Omega; then the sine's coefficient in X and the cosine's in Y, microarcseconds. These
 * are the terms above 5 mas; what is left out added up to 0.025" at most from 2010 to 2027.
 */
const terms: readonly (readonly [multiples: readonly number[], x: number, y: number])[] = [
  [[0, 0, 0, 0, 1], -6_844_318, 9_205_236],
  [[0, 0, 2, -2, 2], -523_908, 573_033],
  [[0, 0, 2, 0, 2], -90_552, 97_847],
  [[0, 0, 0, 0, 2], 82_169, -89_618],
  [[0, 1, 0, 0, 0], 58_707, 7387],
  [[0, 1, 2, -2, 2], -20_558, 22_438],
  [[1, 0, 0, 0, 0], 28_288, -675],
  [[0, 0, 2, 0, 1], -15_407, 20_070],
  [[1, 0, 2, 0, 2], -11_992, 12_903],
  [[0, 1, -2, 2, -2], -8585, -9593],
  [[0, 0, 2, -2, 1], 5096, -6918],
  [[1, 0, 0, -2, 0], -6245, -123],
];

/** The terms in T cos(Omega) of X and T sin(Omega) of Y, arcseconds: 0.05" in 2026. */
const growingX = 0.205833;
const growingY = 0.153042;

/** Degrees at J2000 and a century. */
const fundamentalArguments: readonly (readonly [atEpoch: number, rate: number])[] = [
  [134.96340251, 477_198.8675605],
  [357.52910918, 35_999.05029114],
  [93.27209062, 483_202.01745772],
  [297.85019547, 445_267.11144694],
  [125.04455501, -1934.13626197],
];

/**
 * Precession and nutation IAU 2006/2000A as the pole's X and Y (IERS Conventions 2010, section 5.5.4), within
 * 0.025"; T in Julian centuries of TT since J2000.
 */
export function celestialPole(T: number): CelestialPole {
  const angles = fundamentalArguments.map(([atEpoch, rate]) => (atEpoch + rate * T) * RADIANS_A_DEGREE);
  const node = angles[4];
  let x = polynomial(polynomialX, T) + growingX * T * Math.cos(node);
  let y = polynomial(polynomialY, T) + growingY * T * Math.sin(node);
  for (const [multiples, sine, cosine] of terms) {
    const angle = multiples.reduce((sum, multiple, index) => sum + multiple * angles[index], 0);
    x += sine * 1e-6 * Math.sin(angle);
    y += cosine * 1e-6 * Math.cos(angle);
  }
  const [poleX, poleY] = [x / ARCSEC_A_RADIAN, y / ARCSEC_A_RADIAN];
  // s + XY/2 stays below 0.003" this century.
  return { x: poleX, y: poleY, s: (-poleX * poleY) / 2 };
}

const polynomial = (coefficients: readonly number[], T: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * T + coefficient, 0);
