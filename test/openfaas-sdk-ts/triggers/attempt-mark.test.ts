import fc from 'fast-check';
import { readMark, writeMark } from 'openfaas-sdk-ts/triggers/attempt-mark.ts';
import { expect, test } from 'vitest';

test('a mark is read back, also beyond 2^53', () => {
  fc.assert(
    fc.property(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (attempt, offset) => {
      expect(readMark(writeMark({ attempt, offset }))).toEqual({ attempt, offset });
    }),
    { numRuns: 200 },
  );
});

test('what other clients commit as metadata is no mark', () => {
  for (const metadata of ['', '{"host":"a"}', '{"attempt":1}', 'consumer-1']) {
    expect(readMark(metadata)).toBeUndefined();
  }
});
