import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSums, encodeChecksum, isWhole, onesComplementSum } from '#shared/domain/fits/checksum.ts';

/** The sum as the standard defines it: carries added back in at every word. */
function slowly(bytes: Uint8Array): number {
  let sum = 0n;
  for (let at = 0; at < bytes.length; at += 4) {
    const word = [0, 1, 2, 3].reduce((value, k) => value * 256n + BigInt(bytes[at + k] ?? 0), 0n);
    sum += word;
    if (sum > 0xffffffffn) sum -= 0xffffffffn;
  }
  return Number(sum);
}

describe('checksums', () => {
  it('sums as the standard does, whatever the length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(onesComplementSum(bytes)).toBe(slowly(bytes));
      }),
      { numRuns: 200 },
    );
  });

  it('stays exact where a double would round', () => {
    const ones = new Uint8Array(2 ** 24).fill(255); // 2^22 words of all ones sum to 2^54 - 2^22
    ones[3] = 254;
    expect(onesComplementSum(ones)).toBe(0xfffffffe);
  });

  it('encodes the example of the standard (appendix J.2)', () => {
    expect(encodeChecksum(868229149)).toBe('hcHjjc9ghcEghc9g');
  });

  it('makes the sum of an HDU all ones, in letters and digits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 80, maxLength: 80 }), (card) => {
        Buffer.from('0'.repeat(16)).copy(card, 11);
        const text = encodeChecksum(onesComplementSum(card));
        expect(text).toMatch(/^[0-9A-Za-z]{16}$/);
        Buffer.from(text).copy(card, 11);
        expect(isWhole(onesComplementSum(card))).toBe(true);
        card[40] ^= 1;
        expect(isWhole(onesComplementSum(card))).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('adds sums of parts to the sum of the whole', () => {
    const bytes = Uint8Array.from({ length: 800 }, (_, k) => (k * 37) & 255);
    const parts = [bytes.subarray(0, 400), bytes.subarray(400)].map(onesComplementSum);
    expect(addSums(parts[0], parts[1])).toBe(onesComplementSum(bytes));
  });
});
