/** Rice coding bit by bit, as its paper has it, and the standard's quantisation of floats. */

const CODES = { 8: { width: 3, raw: 7 }, 16: { width: 4, raw: 15 }, 32: { width: 5, raw: 26 } } as const;

export type Bits = keyof typeof CODES;

export function packRiceTwin(pixels: readonly number[], block: number, bits: Bits): number[] {
  const { width, raw } = CODES[bits];
  let text = binary(pixels[0], bits);
  let last = pixels[0];
  for (let from = 0; from < pixels.length; from += block) {
    const folded = pixels.slice(from, from + block).map((pixel) => {
      const step = BigInt.asIntN(bits, BigInt(pixel - last));
      last = pixel;
      return Number(step >= 0n ? 2n * step : -2n * step - 1n);
    });
    const sum = folded.reduce((total, value) => total + value, 0);
    const mean = Math.max(0, (sum - Math.floor(folded.length / 2) - 1) / folded.length);
    const plain = Math.floor(Math.floor(mean) / 2)
      .toString(2)
      .replace(/^0/, '').length;
    if (sum === 0) text += binary(0, width);
    else if (plain + 1 >= raw)
      text += binary(raw, width) + folded.map((value) => binary(value, bits)).join('');
    else {
      const split = (value: number): string =>
        `${'0'.repeat(Math.floor(value / 2 ** plain))}1${binary(value % 2 ** plain, plain)}`;
      text += binary(plain + 1, width) + folded.map(split).join('');
    }
  }
  return (text.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

export function unpackRiceTwin(bytes: readonly number[], count: number, block: number, bits: Bits): number[] {
  const { width, raw } = CODES[bits];
  const text = bytes.map((byte) => binary(byte, 8)).join('');
  let at = 0;
  const take = (length: number): number => {
    at += length;
    return length === 0 ? 0 : Number.parseInt(text.slice(at - length, at), 2);
  };
  const pixels: number[] = [];
  let last = BigInt(take(bits));
  while (pixels.length < count) {
    const code = take(width);
    for (let k = 0; k < block && pixels.length < count; k++) {
      let folded = 0;
      if (code === raw) folded = take(bits);
      else if (code > 0) {
        const zeros = text.indexOf('1', at) - at;
        at += zeros + 1;
        folded = zeros * 2 ** (code - 1) + take(code - 1);
      }
      last += BigInt(folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2);
      pixels.push(Number(bits === 8 ? BigInt.asUintN(8, last) : BigInt.asIntN(bits, last)));
    }
  }
  return pixels;
}

function binary(value: number, bits: number): string {
  return bits === 0 ? '' : BigInt.asUintN(bits, BigInt(value)).toString(2).padStart(bits, '0');
}

export function quantiseTwin(
  values: ArrayLike<number>,
  perStep: number,
  randoms: ArrayLike<number> | undefined,
  keepZeros: boolean,
): number[] {
  return Array.from(values, (value, i) => {
    if (Number.isNaN(value)) return -2147483647;
    if (value === 0 && keepZeros) return -2147483646;
    return nearest(value * perStep + Math.fround((randoms?.[i] ?? 0.5) - 0.5));
  });
}

/** Halves go to the even one. */
function nearest(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  return over > 0.5 || (over === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

export function dequantiseTwin(
  integers: ArrayLike<number>,
  { scale, zero, blank, keepZeros }: { scale: number; zero: number; blank?: number; keepZeros: boolean },
  randoms: ArrayLike<number> | undefined,
): number[] {
  return Array.from(integers, (integer, i) => {
    if (integer === blank) return Number.NaN;
    if (integer === -2147483646 && keepZeros) return 0;
    return (randoms === undefined ? integer : integer - randoms[i] + 0.5) * scale + zero;
  });
}
