/**
 * CHECKSUM and DATASUM: the 32-bit ones' complement sum of big-endian words. FITS Standard 4.0, section 4.4.2.7
 * and appendix J.
 */

/** Ones' complement sum of the bytes; a last word that is not whole counts as filled with zeros. */
export function onesComplementSum(bytes: Uint8Array): number {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  let total = 0;
  for (let from = 0; from < whole; ) {
    // 2^20 words of 32 bits keep the sum below 2^53, where a double is exact
    const to = Math.min(whole, from + 2 ** 22);
    for (; from < to; from += 4) total += words.getUint32(from);
    total = fold(total);
  }
  for (let at = whole; at < bytes.length; at++) total += bytes[at] * 2 ** (24 - 8 * (at - whole));
  return fold(total);
}

/** Adds two such sums. */
export function addSums(a: number, b: number): number {
  return fold(a + b);
}

function fold(sum: number): number {
  let folded = sum;
  while (folded >= 2 ** 32) folded = (folded % 2 ** 32) + Math.floor(folded / 2 ** 32);
  return folded;
}

/** True for the sum of an HDU whose CHECKSUM is right: all ones, which is zero in ones' complement. */
export function isWhole(sum: number): boolean {
  return sum === 0xffffffff || sum === 0;
}

/**
 * The 16 characters of CHECKSUM that make an HDU's sum all ones, where `sum` is the HDU's with '0' times 16
 * in their place. Each byte of the complement becomes four characters that add up to it over '0', none of
 * them punctuation; the string is turned by one, since a value starts in column 12 of its card.
 */
export function encodeChecksum(sum: number): string {
  const complement = ~sum >>> 0;
  const codes = new Array<number>(16);
  for (let byte = 0; byte < 4; byte++) {
    const value = (complement >>> (24 - 8 * byte)) & 255;
    const quarters = alphanumeric([0, 1, 2, 3].map((k) => 48 + (value >> 2) + (k === 0 ? value & 3 : 0)));
    for (let k = 0; k < 4; k++) codes[4 * k + byte] = quarters[k];
  }
  return String.fromCharCode(codes[15], ...codes.slice(0, 15));
}

/** Moves the members of each pair apart, sum unchanged, until no character is punctuation. */
function alphanumeric(codes: readonly number[]): number[] {
  const moved = [...codes];
  while (moved.some(isPunctuation)) {
    for (const pair of [0, 2]) {
      if (!isPunctuation(moved[pair]) && !isPunctuation(moved[pair + 1])) continue;
      moved[pair]++;
      moved[pair + 1]--;
    }
  }
  return moved;
}

function isPunctuation(code: number): boolean {
  return (code > 57 && code < 65) || (code > 90 && code < 97);
}
