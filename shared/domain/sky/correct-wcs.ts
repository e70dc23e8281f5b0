import { add, type Bivariate, bivariate, compose, polynomialMap, scale, termsOf } from './bivariate.ts';
import { invert } from './newton.ts';
import { MAX_SIP_ORDER, sipPolynomials } from './sip.ts';
import type { Wcs } from './wcs.ts';

/** Pixels of one WCS as polynomials of those of another, both as offsets from `centre`. */
export interface PixelCorrection {
  readonly centre: readonly [number, number];
  readonly x: Bivariate;
  readonly y: Bivariate;
}

/** A step of Newton's that leaves nothing to do for a correction that is nearly the identity. */
const PIXEL_STEP = 1e-5;

/**
 * The WCS in which pixel p lies where `correction`(p) lies in the given one. Exact for a linear correction; for a higher
 * one of a SIP the terms beyond the SIP's order plus two are dropped (below 5e-5 px where the two together move pixels by
 * 100), and those of a TPV, which lies on the other side of the CD matrix, cannot be written.
 *
 * @returns undefined where the reference pixel has no place in the corrected one, or the correction has no inverse
 */
export function correctWcs(wcs: Wcs, { centre, x, y }: PixelCorrection): Wcs | undefined {
  const found = new Float64Array(2);
  const [u0, v0] = [wcs.crpix[0] - centre[0], wcs.crpix[1] - centre[1]];
  if (!invert(polynomialMap(x, y), u0, v0, u0, v0, PIXEL_STEP, found)) return undefined;
  // From offsets of the new reference pixel to offsets of the old one.
  const order = Math.max(x.order, y.order);
  const moved = [
    bivariate(1, [
      [1, 0, 1],
      [0, 0, found[0]],
    ]),
    bivariate(1, [
      [0, 1, 1],
      [0, 0, found[1]],
    ]),
  ] as const;
  const offsets = {
    x: withoutConstant(compose(x, ...moved, order)),
    y: withoutConstant(compose(y, ...moved, order)),
  };
  const crpix = [found[0] + centre[0], found[1] + centre[1]] as const;
  const { distortion } = wcs;
  if (distortion?.kind === 'TPV') {
    if (order > 1) throw new RangeError('A correction of second order cannot be written as TPV.');
    return { ...wcs, crpix, cd: timesLinear(wcs.cd, offsets.x, offsets.y) };
  }
  const whole = distortion === undefined ? offsets : distorted(sipPolynomials(distortion), offsets);
  return splitLinear({ ...wcs, crpix }, whole.x, whole.y);
}

function withoutConstant(a: Bivariate): Bivariate {
  return bivariate(
    a.order,
    [...termsOf(a)].filter(([p, q]) => p + q > 0),
  );
}

function distorted(sip: { x: Bivariate; y: Bivariate }, { x, y }: { x: Bivariate; y: Bivariate }) {
  const linear = Math.max(x.order, y.order) < 2;
  const order = Math.min(MAX_SIP_ORDER, sip.x.order + (linear ? 0 : 2));
  return { x: compose(sip.x, x, y, order), y: compose(sip.y, x, y, order) };
}

type Cd = Wcs['cd'];

const linearOf = (a: Bivariate): readonly [number, number] => [
  a.coefficients[a.order + 1],
  a.coefficients[1],
];

function timesLinear([a, b, c, d]: Cd, x: Bivariate, y: Bivariate): Cd {
  const [[xu, xv], [yu, yv]] = [linearOf(x), linearOf(y)];
  return [a * xu + b * yu, a * xv + b * yv, c * xu + d * yu, c * xv + d * yv];
}

/** Polynomials before the CD matrix as one CD matrix and what SIP adds before it. */
function splitLinear(wcs: Wcs, x: Bivariate, y: Bivariate): Wcs | undefined {
  const [[xu, xv], [yu, yv]] = [linearOf(x), linearOf(y)];
  const determinant = xu * yv - xv * yu;
  if (!(determinant > 0)) return undefined;
  const nonlinear = (a: Bivariate): Bivariate =>
    bivariate(
      a.order,
      [...termsOf(a)].filter(([p, q]) => p + q !== 1),
    );
  const [fx, fy] = [nonlinear(x), nonlinear(y)];
  const a = add(scale(fx, yv / determinant), scale(fy, -xv / determinant));
  const b = add(scale(fx, -yu / determinant), scale(fy, xu / determinant));
  const { distortion: _, ...plain } = { ...wcs, cd: timesLinear(wcs.cd, x, y) };
  if (a.coefficients.every((value) => value === 0) && b.coefficients.every((value) => value === 0))
    return plain;
  return { ...plain, distortion: { kind: 'SIP', order: a.order, a: a.coefficients, b: b.coefficients } };
}
