import fc from 'fast-check';
import type { NewRecord, TopicRecord } from 'openfaas-sdk-ts';
import { deadRecord, retryRecord, triedBefore, untried } from 'openfaas-sdk-ts/triggers/set-aside.ts';
import { expect, test } from 'vitest';

const ours = ['attempt', 'cause', 'source', 'not-before', 'original-id'];

const someRecord = fc.record({
  topic: fc.constant('alerts'),
  partition: fc.nat(31),
  offset: fc.bigInt({ min: 0n, max: 2n ** 62n }),
  key: fc.option(fc.uint8Array(), { nil: null }),
  value: fc.uint8Array(),
  headers: fc.dictionary(
    fc.oneof(
      fc.constant('id'),
      fc.string().filter((name) => !ours.includes(name)),
    ),
    fc.string(),
  ),
  timestampMs: fc.nat(),
});

/** The record as the retry topic has it. */
const appended = ({ key = null, value, headers = {} }: NewRecord): TopicRecord => ({
  topic: 'g.retry',
  partition: 0,
  offset: 7n,
  key: key as Uint8Array | null,
  value: value as Uint8Array,
  headers,
  timestampMs: 0,
});

test('a record comes back from the retry topic as it came, however often, with its attempts, time and first place', () => {
  fc.assert(
    fc.property(someRecord, fc.integer({ min: 1, max: 4 }), (record, times) => {
      let tried = untried(record);
      for (let attempt = 1; attempt <= times; attempt += 1) {
        const copy = retryRecord(tried, attempt, 1000 * attempt, 'because');
        // An embedded log would drop the second record of one id.
        expect(copy.headers).not.toHaveProperty('id');
        tried = triedBefore(appended(copy));
      }
      const { key, value, headers } = tried.record;
      const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !ours.includes(name)));
      expect({ key, value, headers: kept }).toEqual({
        key: record.key,
        value: record.value,
        headers: record.headers,
      });
      expect(tried).toMatchObject({ spent: times, dueMs: 1000 * times, source: untried(record).source });
    }),
    { numRuns: 200 },
  );
});

test('a dead record says where it came from and why, and has its own id', () => {
  const record = appended({ key: null, value: new Uint8Array([1]), headers: { id: '42' } });
  const again = triedBefore(appended(retryRecord(untried({ ...record, topic: 't' }), 1, 0, 'first')));
  expect(deadRecord(again, 2, 'x'.repeat(5000)).headers).toEqual({
    id: '42',
    attempt: '2',
    cause: 'x'.repeat(1000),
    source: 't/0/7',
  });
});

test('headers of the producer that are named like ours mean nothing on its own topic', () => {
  const record = {
    ...appended({ value: new Uint8Array() }),
    headers: { attempt: '99', 'not-before': '1e99' },
  };
  expect(untried(record)).toMatchObject({ spent: 0, dueMs: 0 });
});
