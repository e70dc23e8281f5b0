import { randomUUID } from 'node:crypto';
import type { Appended, TopicRecord } from 'openfaas-sdk-ts';
import { describe, expect, test } from 'vitest';
import { type LogSuite, readAll } from './log.ts';
import { hostileNames, opened } from './suite.ts';

const places = (outcomes: readonly Appended[]) =>
  outcomes.map((outcome) => (outcome.ok ? `${outcome.partition}/${outcome.offset}` : outcome.fault.code));
const textOf = (record: TopicRecord) => Buffer.from(record.value).toString();

/** What every log-writer does, whatever it stands on. */
export function logWriterContract(name: string, { open, world, newTopic }: LogSuite): void {
  describe(`log-writer on ${name}`, () => {
    test('answers each record with its place, and it stands there', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      const texts = Array.from({ length: 50 }, (_, n) => `value ${n}`);
      const outcomes = await log.append(
        topic,
        texts.map((value) => ({ value })),
      );
      expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
      expect(new Set(places(outcomes)).size).toBe(50);
      const stored = new Map(
        (await readAll(log, topic)).map((record) => [`${record.partition}/${record.offset}`, textOf(record)]),
      );
      expect(places(outcomes).map((place) => stored.get(place))).toEqual(texts);
    });

    test('counts the offsets of each partition from 0 without a gap', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      for (let call = 0; call < 5; call++) {
        await log.append(
          topic,
          Array.from({ length: 8 }, (_, n) => ({ key: `k${n}`, value: 'v' })),
        );
      }
      for (const { partition, begin, end } of await log.partitions(topic)) {
        expect(begin).toBe(0n);
        const offsets: bigint[] = [];
        for await (const record of log.read(topic, { partition, from: 0n })) offsets.push(record.offset);
        expect(offsets).toEqual(Array.from({ length: Number(end) }, (_, n) => BigInt(n)));
      }
    });

    test('keeps the order of one key, in one partition, over calls', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      for (let call = 0; call < 3; call++) {
        const records = Array.from({ length: 20 }, (_, n) => ({
          key: `visit ${n % 4}`,
          value: `${call * 20 + n}`,
        }));
        await log.append(topic, records);
      }
      const byKey = Map.groupBy(await readAll(log, topic), (record) =>
        Buffer.from(record.key ?? []).toString(),
      );
      expect([...byKey.keys()].sort()).toEqual(['visit 0', 'visit 1', 'visit 2', 'visit 3']);
      for (const records of byKey.values()) {
        expect(new Set(records.map((record) => record.partition)).size).toBe(1);
        const numbers = records.map((record) => Number(textOf(record)));
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        expect(numbers).toHaveLength(15);
      }
    });

    test('carries keys, values and headers whole', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      const headers = Object.fromEntries(hostileNames.map((text, n) => [`header-${n}`, text]));
      const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
      await log.append(topic, [
        { key: bytes, value: bytes, headers },
        { key: null, value: '' },
        { value: 'żółć 星' },
      ]);
      const stored = await readAll(log, topic);
      expect(stored.find((record) => record.value.length === 256)).toMatchObject({ topic, headers });
      expect(stored.map((record) => record.key && [...record.key])).toContainEqual([...bytes]);
      expect(stored.filter((record) => record.key === null)).toHaveLength(2);
      expect(stored.map(textOf)).toEqual(expect.arrayContaining(['', 'żółć 星']));
    });

    test('stamps records with the time of their append', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      await log.append(topic, [{ value: 'a' }]);
      const [record] = await readAll(log, topic);
      expect(Math.abs(record.timestampMs - Date.now())).toBeLessThan(60_000);
    });

    test('refuses a record that is too large, alone', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      const outcomes = await log.append(topic, [
        { value: 'before' },
        { value: Buffer.alloc(3 << 20, 'x') },
        { value: 'after' },
      ]);
      expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
      expect(places(outcomes)[1]).toBe('NS_RECORD_TOO_LARGE');
      expect((await readAll(log, topic)).map(textOf).sort()).toEqual(['after', 'before']);
    });

    test('takes a visit at once: 200 records of 80 KB', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      const values = Array.from({ length: 200 }, (_, n) => Buffer.alloc(80_000, `${n},`));
      const outcomes = await log.append(
        topic,
        values.map((value) => ({ key: 'one', value })),
      );
      expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
      const stored = await readAll(log, topic);
      expect(stored.map((record) => textOf(record).split(',', 1)[0])).toEqual(values.map((_, n) => `${n}`));
    });

    test('nothing to append is nothing to answer', async () => {
      const log = await opened(open);
      expect(await log.append(await newTopic(), [])).toEqual([]);
    });

    test('two writers at once lose and mix up nothing', async () => {
      const [one, two] = [await opened(open), await opened(open)];
      const topic = await newTopic();
      const write = async (log: typeof one, who: string) => {
        for (let call = 0; call < 10; call++) {
          const records = Array.from({ length: 10 }, (_, n) => ({
            key: who,
            value: `${who} ${call * 10 + n}`,
          }));
          for (const outcome of await log.append(topic, records)) expect(outcome.ok).toBe(true);
        }
      };
      await Promise.all([write(one, 'one'), write(two, 'two')]);
      const texts = (await readAll(one, topic)).map(textOf);
      for (const who of ['one', 'two']) {
        expect(texts.filter((text) => text.startsWith(who))).toEqual(
          Array.from({ length: 100 }, (_, n) => `${who} ${n}`),
        );
      }
    });

    test('an `id` header that the topic has already [log-id-uniqueness]', async () => {
      const [log, other] = [await opened(open), await opened(open)];
      const topic = await newTopic();
      const record = (value: string) => ({ value, headers: { id: '169760235333878021' } });
      const [first, second] = await log.append(topic, [record('first'), record('second')]);
      const [third] = await other.append(topic, [record('third')]);
      expect(first).toMatchObject({ ok: true });
      const texts = (await readAll(log, topic)).map(textOf).sort();
      if (world === 'embedded') {
        expect(second).toEqual({ ...first, duplicate: true });
        expect(third).toEqual({ ...first, duplicate: true });
        expect(texts).toEqual(['first']);
        // The id is the topic's, not the log's.
        const [elsewhere] = await log.append(await newTopic(), [record('elsewhere')]);
        expect(elsewhere).not.toHaveProperty('duplicate');
      } else {
        expect(texts).toEqual(['first', 'second', 'third']);
      }
    });

    test('a broken-off append says of each record what became of it', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      const outcomes = await log.append(topic, [{ key: randomUUID(), value: 'late' }], {
        signal: AbortSignal.abort(),
      });
      const stored = await readAll(log, topic);
      expect(outcomes.map((outcome) => outcome.ok)).toEqual([stored.length === 1]);
    });
  });
}
