/** Number of terms of a polynomial of the given order in two variables. */
export function termCount(order: number): number {
  return ((order + 1) * (order + 2)) / 2;
}

/** 1, x, y, x², xy, y², ... up to the order, of coordinates scaled to [-1, 1] over the image. */
export function polynomialTerms(
  order: number,
  x: number,
  y: number,
  width: number,
  height: number,
): Float64Array {
  const u = (2 * x) / (width - 1) - 1;
  const v = (2 * y) / (height - 1) - 1;
  const terms = new Float64Array(termCount(order));
  let at = 0;
  for (let degree = 0; degree <= order; degree++) {
    for (let power = 0; power <= degree; power++) terms[at++] = u ** (degree - power) * v ** power;
  }
  return terms;
}
