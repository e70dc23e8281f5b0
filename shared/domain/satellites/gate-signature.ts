import { createHmac, timingSafeEqual } from 'node:crypto';

/** Headers of a signed question and its answer. */
export const nonceHeader = 'x-gate-nonce';
export const snapshotHeader = 'x-gate-snapshot';
export const signatureHeader = 'x-gate-signature';

/** What the gate vouches for: this question, asked this time, was answered thus, by this catalogue. */
export interface GateStatement {
  readonly visit: bigint;
  readonly detector: bigint | number;
  /** Ids in the order, and as often, as they were sent. */
  readonly asked: readonly bigint[] | BigInt64Array;
  /** Ids in the order in which they were answered. */
  readonly allowed: readonly bigint[] | BigInt64Array;
  readonly snapshotId: string;
  /** Of the asker, fresh for each request, so that no earlier answer can be given again. */
  readonly nonce: string;
}

/**
 * HMAC-SHA256 (RFC 2104, FIPS 198-1) over {@link statementText} in UTF-8, as 64 lower-case hexadecimal digits. The key
 * is the text of GATE_KEY in UTF-8.
 */
export const gateSignature = (key: string, statement: GateStatement): string =>
  createHmac('sha256', key).update(statementText(statement)).digest('hex');

/** Whether `signature` is the one of this statement; takes as long whichever digit is wrong. */
export function isGateSignature(key: string, statement: GateStatement, signature: string): boolean {
  const [expected, said] = [Buffer.from(gateSignature(key, statement)), Buffer.from(signature)];
  return said.length === expected.length && timingSafeEqual(said, expected);
}

/**
 * Seven lines, each ended by a line feed: the format's name, visit, detector, ids asked, ids allowed (decimal, by
 * commas), snapshot and nonce. The last two are JSON strings, which hold no line feed, so no two statements share a
 * text.
 */
export const statementText = (statement: GateStatement): string =>
  [
    'nightshift-gate-1',
    statement.visit,
    statement.detector,
    statement.asked.join(','),
    statement.allowed.join(','),
    JSON.stringify(statement.snapshotId),
    JSON.stringify(statement.nonce),
  ]
    .map((line) => `${line}\n`)
    .join('');
