import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBigEndian, fromLongs, writeBigEndian } from '#shared/domain/fits/big-endian.ts';

it('reads and writes as a DataView does, at any offset', () => {
  const numbers = fc.oneof(
    fc.tuple(fc.constant(8), fc.uint8Array()),
    fc.tuple(fc.constant(16), fc.int16Array()),
    fc.tuple(fc.constant(32), fc.int32Array()),
    fc.tuple(fc.constant(-32), fc.float32Array()),
    fc.tuple(fc.constant(-64), fc.float64Array()),
  );
  fc.assert(
    fc.property(numbers, fc.nat(9), ([bitpix, array], offset) => {
      const bytes = new Uint8Array(array.byteLength + offset);
      writeBigEndian(array, bytes, offset);
      const view = new DataView(bytes.buffer, offset);
      if (array instanceof Int16Array) {
        expect(Array.from(array, (_, k) => view.getInt16(2 * k))).toEqual(Array.from(array));
      }
      if (array instanceof Float64Array) {
        expect(Array.from(array, (_, k) => view.getFloat64(8 * k))).toEqual(Array.from(array));
      }
      expect(fromBigEndian(bytes.subarray(offset), bitpix)).toEqual(array);
    }),
    { numRuns: 200 },
  );
});

it('makes doubles of 64-bit integers, NaN of BLANK, and nothing inexact', () => {
  const bytes = (...longs: bigint[]) => new Uint8Array(BigInt64Array.from(longs).buffer).reverse();
  const lowest = -(2n ** 63n);
  expect(fromLongs(bytes(lowest, 5n, -(2n ** 53n) + 1n), lowest)).toEqual(
    Float64Array.of(-(2 ** 53) + 1, 5, Number.NaN),
  );
  expect(fromLongs(bytes(5n, 6n), 5)).toEqual(Float64Array.of(6, Number.NaN));
  expect(() => fromLongs(bytes(2n ** 53n), undefined)).toThrow('Pixel 0 of 64 bits is 9007199254740992');
});
