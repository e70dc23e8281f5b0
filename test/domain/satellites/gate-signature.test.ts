import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type GateStatement,
  gateSignature,
  isGateSignature,
  statementText,
} from '#shared/domain/satellites/gate-signature.ts';

// Made by Python's hmac and json (make-signatures.py beside it).
const fixture = new URL('../../fixtures/satellites/signatures.json', import.meta.url);
const cases: readonly Readonly<Record<string, string | string[]>>[] = JSON.parse(
  readFileSync(fixture, 'utf8'),
);
const bigints = (texts: unknown): bigint[] => (Array.isArray(texts) ? texts.map(BigInt) : []);
const statements = cases.map((read) => ({
  key: String(read.key),
  signature: String(read.signature),
  statement: {
    visit: BigInt(String(read.visit)),
    detector: Number(read.detector),
    asked: bigints(read.asked),
    allowed: bigints(read.allowed),
    snapshotId: String(read.snapshotId),
    nonce: String(read.nonce),
  },
}));
const [{ key, statement, signature }] = statements as [(typeof statements)[0]];

describe('the signature of an answer', () => {
  test.each(statements)('is what Python’s hmac makes of it: $signature', ({ key, statement, signature }) => {
    expect(gateSignature(key, statement)).toBe(signature);
    expect(isGateSignature(key, statement, signature)).toBe(true);
  });

  test('is the same for the forms that ids and detectors have at both ends', () => {
    const { asked, allowed } = statement;
    const other = { ...statement, detector: 130n, asked: BigInt64Array.from(asked) };
    expect(gateSignature(key, { ...other, allowed: BigInt64Array.from(allowed) })).toBe(signature);
  });

  const others: readonly (readonly [string, Partial<GateStatement>])[] = [
    ['another visit', { visit: statement.visit + 1n }],
    ['another detector', { detector: 131 }],
    ['one id less asked', { asked: statement.asked.slice(1) }],
    ['another order of the ids asked', { asked: statement.asked.toReversed() }],
    ['one id more allowed', { allowed: statement.asked }],
    ['nothing allowed', { allowed: [] }],
    ['another snapshot', { snapshotId: '20251220T060000Z-3fa9' }],
    ['another nonce', { nonce: '5f0c2b' }],
  ];
  test.each(others)('does not hold for %s', (_what, change) => {
    expect(isGateSignature(key, { ...statement, ...change }, signature)).toBe(false);
  });

  test.each([
    ['another key', 'a key of the Gate', signature],
    ['an empty one', key, ''],
    ['a shorter one', key, signature.slice(1)],
    ['a longer one', key, `${signature}0`],
    ['capital digits', key, signature.toUpperCase()],
    ['as many characters of more bytes', key, 'é'.repeat(64)],
  ])('does not hold with %s', (_what, key, signature) => {
    expect(isGateSignature(key, statement, signature)).toBe(false);
  });

  test('is of a text that no other statement has', () => {
    const ids = fc.array(fc.bigInt({ min: 0n, max: 12n }), { maxLength: 3 });
    const text = fc.string({ unit: fc.constantFrom('1', ',', '\n', '"', '\\'), maxLength: 3 });
    const any = fc.record({
      ...{ visit: fc.bigInt({ min: 0n, max: 12n }), detector: fc.nat(12) },
      ...{ asked: ids, allowed: ids, snapshotId: text, nonce: text },
    });
    const read = (text: string) => {
      const [, visit, detector, asked, allowed, snapshotId, nonce, ...rest] = text.split('\n');
      const list = (ids = '') => (ids === '' ? [] : ids.split(',').map(BigInt));
      expect(rest).toEqual(['']);
      return {
        ...{
          visit: BigInt(visit ?? ''),
          detector: Number(detector),
          asked: list(asked),
          allowed: list(allowed),
        },
        ...{ snapshotId: JSON.parse(snapshotId ?? ''), nonce: JSON.parse(nonce ?? '') },
      };
    };
    fc.assert(
      fc.property(any, (one) => {
        expect(read(statementText(one))).toEqual(one);
      }),
    );
  });
});
