/** Bits where a value is not within (low, high). */
export function markOutsideTwin(
  values: Float32Array,
  low: number,
  high: number,
  mask: Uint16Array,
  bits: number,
): Uint16Array {
  return mask.map((old, at) => (values[at] > low && values[at] < high ? old : old | bits));
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Bits in the columns whose median of five rows stands out on both sides. */
export function markColumnsTwin(
  values: Float32Array,
  width: number,
  limit: number,
  mask: Uint16Array,
  bits: number,
): Uint16Array {
  const rows = values.length / width;
  const levels = Array.from({ length: width }, (_, x) =>
    middle(Array.from({ length: 5 }, (_, k) => values[Math.floor((k * rows) / 5) * width + x])),
  );
  const standsOut = levels.map((level, x) => {
    const left = x >= 4 ? x - 4 : x + 5;
    const right = x + 4 < width ? x + 2 : x - 7;
    const sides = [left, right].map((first) => levels.slice(first, first + 3));
    return sides.every((side) => Math.abs(level - middle(side)) > limit);
  });
  return mask.map((old, at) => (standsOut[at % width] ? old | bits : old));
}

/** Pairs [from, to) of the runs of pixels that have any of `bits`. */
export function findRunsTwin(row: Uint16Array, bits: number): number[] {
  const has = (x: number): boolean => x >= 0 && x < row.length && (row[x] & bits) !== 0;
  return Array.from({ length: row.length + 1 }, (_, x) => x).filter((x) => has(x) !== has(x - 1));
}
