import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { type Bits, dequantiseTwin, packRiceTwin, quantiseTwin, unpackRiceTwin } from './rice.twin.ts';

const workspace = createWorkspace();
const stream = workspace.bytes(8192);
const pixels = workspace.integers(1024).subarray(4);
const block = workspace.integers(2 * (32 + 4));
const state = workspace.integers(2);
const floats = workspace.floats(1024);
const doubles = workspace.doubles(1024);
const randoms = workspace.floats(1024);

/** Runs of constant, smooth and wild numbers, so that each kind of block occurs beside each other. */
const numbers = (bits: Bits) => {
  const [least, most] = bits === 8 ? [0, 255] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const run = fc.tuple(
    fc.integer({ min: least, max: most }),
    fc.integer({ min: 0, max: bits }),
    fc.array(fc.nat(2 ** 30), { maxLength: 70 }),
  );
  return fc
    .array(run, { minLength: 1, maxLength: 5 })
    .map((runs) =>
      runs.flatMap(([level, spread, noise]) => [
        level,
        ...noise.map((n) => Math.min(most, level + (n % 2 ** spread))),
      ]),
    );
};

test.each([8, 16, 32] as const)(
  'packs and unpacks %i bits as its twin does, in blocks of 16 and 32',
  (bits) => {
    fc.assert(
      fc.property(numbers(bits), fc.constantFrom(16, 32), (values, size) => {
        pixels.set(values);
        const packed = packRiceTwin(values, size, bits);
        const length = workspace.run(
          'packRice',
          ...[pixels.byteOffset, values.length, stream.byteOffset, size, bits, block.byteOffset],
        );
        expect(Array.from(stream.subarray(0, length))).toEqual(packed);
        const unpacked = unpackRiceTwin(packed, values.length, size, bits);
        expect(unpacked).toEqual(values);
        // in two pieces, as large tiles are
        const first = Math.min(values.length, size * Math.floor(values.length / size / 2));
        state.fill(0);
        pixels.fill(0);
        for (const [from, count] of [
          [0, first],
          [first, values.length - first],
        ]) {
          const isWhole = workspace.run(
            'unpackRice',
            ...[
              stream.byteOffset,
              8 * length,
              pixels.byteOffset + 4 * from,
              count,
              size,
              bits,
              state.byteOffset,
            ],
          );
          expect(isWhole).toBe(1);
        }
        expect(Array.from(pixels.subarray(0, values.length))).toEqual(values);
      }),
      { numRuns: 200 },
    );
  },
);

test('quantises and restores floats as its twins do, to the last bit', () => {
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.float({ min: -5000, max: 5000, noNaN: true }) },
    fc.constantFrom(Number.NaN, 0, -0),
  );
  const cases = fc.record({
    values: fc.array(value, { minLength: 1, maxLength: 60 }),
    numbers: fc.option(fc.infiniteStream(fc.float({ min: 0, max: Math.fround(0.999), noNaN: true }))),
    step: fc.double({ min: 0.01, max: 3, noNaN: true }),
    zero: fc.double({ min: -1e4, max: 1e4, noNaN: true }),
    keepZeros: fc.boolean(),
  });
  fc.assert(
    fc.property(cases, ({ values, numbers, step, zero, keepZeros }) => {
      const count = values.length;
      const random = numbers === null ? undefined : Array.from({ length: count }, () => numbers.next().value);
      if (random) randoms.set(random);
      const from = random ? randoms.byteOffset : 0;
      const keep = keepZeros ? 1 : 0;
      floats.fill(0);
      floats.set(values);
      const largest = workspace.run(
        'quantise',
        ...[floats.byteOffset, pixels.byteOffset, count, 1 / step, from, keep],
      );
      expect(largest).toBe(Math.max(0, ...values.map(Math.abs).filter((size) => size >= 0)));
      const integers = quantiseTwin(values, 1 / step, random, keepZeros);
      expect(Array.from(pixels.subarray(0, count))).toEqual(integers);
      const blank = -2147483647;
      const restored = dequantiseTwin(integers, { scale: step, zero, blank, keepZeros }, random);
      for (const out of [floats, doubles]) {
        workspace.run(
          'dequantise',
          ...[
            pixels.byteOffset,
            out.byteOffset,
            count,
            step,
            zero,
            from,
            1,
            blank,
            keep,
            out === doubles ? 1 : 0,
          ],
        );
        expect(out.slice(0, count)).toEqual(
          out === doubles ? Float64Array.from(restored) : Float32Array.from(restored),
        );
      }
    }),
    { numRuns: 200 },
  );
});
