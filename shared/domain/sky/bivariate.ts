import type { PlaneMap } from './newton.ts';

/** A polynomial in u and v; the coefficient of u^p v^q, p + q <= order, stands at index p * (order + 1) + q. */
export interface Bivariate {
  readonly order: number;
  readonly coefficients: readonly number[];
}

/** A polynomial of these terms, [power of u, power of v, coefficient]. */
export function bivariate(
  order: number,
  terms: Iterable<readonly [p: number, q: number, coefficient: number]>,
): Bivariate {
  const coefficients = new Array<number>((order + 1) ** 2).fill(0);
  for (const [p, q, coefficient] of terms) coefficients[p * (order + 1) + q] += coefficient;
  return { order, coefficients };
}

export function* termsOf({ order, coefficients }: Bivariate): Generator<readonly [number, number, number]> {
  for (let p = 0; p <= order; p++)
    for (let q = 0; p + q <= order; q++) yield [p, q, coefficients[p * (order + 1) + q]];
}

export function add(a: Bivariate, b: Bivariate): Bivariate {
  return bivariate(Math.max(a.order, b.order), [...termsOf(a), ...termsOf(b)]);
}

/** a x scale. */
export function scale(a: Bivariate, factor: number): Bivariate {
  return { order: a.order, coefficients: a.coefficients.map((coefficient) => coefficient * factor) };
}

/** f(x(u, v), y(u, v)) without the terms beyond `order`. */
export function compose(f: Bivariate, x: Bivariate, y: Bivariate, order: number): Bivariate {
  const one = bivariate(order, [[0, 0, 1]]);
  const powersOf = (base: Bivariate): Bivariate[] => {
    const powers = [one];
    for (let k = 1; k <= f.order; k++) powers.push(multiply(powers[k - 1], base, order));
    return powers;
  };
  const [xs, ys] = [powersOf(x), powersOf(y)];
  let sum = bivariate(order, []);
  for (const [p, q, coefficient] of termsOf(f)) {
    if (coefficient !== 0) sum = add(sum, scale(multiply(xs[p], ys[q], order), coefficient));
  }
  return sum;
}

function multiply(a: Bivariate, b: Bivariate, order: number): Bivariate {
  const products: [number, number, number][] = [];
  for (const [p, q, first] of termsOf(a)) {
    if (first === 0) continue;
    for (const [r, s, second] of termsOf(b))
      if (p + q + r + s <= order) products.push([p + r, q + s, first * second]);
  }
  return bivariate(order, products);
}

/** Value, d/du and d/dv into `out` from `at` on, by Horner's rule in v inside Horner's rule in u. */
export function evaluate(
  { order, coefficients }: Bivariate,
  u: number,
  v: number,
  out: Float64Array,
  at: number,
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
  out[at] = value;
  out[at + 1] = du;
  out[at + 2] = dv;
}

/** The map (u, v) -> (x(u, v), y(u, v)). */
export function polynomialMap(x: Bivariate, y: Bivariate): PlaneMap {
  return (u, v, out) => {
    evaluate(x, u, v, out, 0);
    evaluate(y, u, v, out, 3);
  };
}
