import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { TopicRecord } from 'openfaas-sdk-ts';
import { describe, expect, test, vi } from 'vitest';
import { commitNothing, consumeUntil, type Log, type LogSuite } from './log.ts';
import { opened, wakeUpMs } from './suite.ts';

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({ key: `key ${(from + n) % 8}`, value: `${from + n}` }));
const numbersOf = (records: readonly TopicRecord[]) =>
  records.map((record) => Number(Buffer.from(record.value).toString()));
const sorted = (records: readonly TopicRecord[]) => numbersOf(records).sort((a, b) => a - b);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);

/** What every log-reader does, whatever it stands on. */
export function logReaderContract(name: string, { open, newTopic, rebalanceMs }: LogSuite): void {
  /** A topic with the numbers from 0 to `count` in it, and a group of this test's own. */
  async function filled(count: number) {
    const log = await opened(open);
    const topic = await newTopic();
    const group = `group-${randomUUID()}`;
    const outcomes = await log.append(topic, numbered(0, count));
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    return { log, topic, group, within: { topic, group, withinMs: rebalanceMs + 10_000 } };
  }

  async function partitionWithRecords(log: Log, topic: string) {
    const ranges = await log.partitions(topic);
    return ranges.toSorted((a, b) => Number(b.end - a.end))[0];
  }

  describe(`log-reader on ${name}`, () => {
    test('tells the ranges of a topic, also before its first record', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      expect(await log.partitions(topic)).toEqual(
        range(0, 4).map((partition) => ({ partition, begin: 0n, end: 0n })),
      );
      await log.append(topic, numbered(0, 40));
      const ranges = await log.partitions(topic);
      expect(ranges.reduce((sum, { begin, end }) => sum + end - begin, 0n)).toBe(40n);
    });

    test('reads from one offset to another, and no further than the end it found', async () => {
      const { log, topic } = await filled(400);
      const { partition, end } = await partitionWithRecords(log, topic);
      const offsetsOf = async (from: bigint, until?: bigint) => {
        const offsets: bigint[] = [];
        for await (const record of log.read(topic, { partition, from, until })) {
          if (offsets.length === 0) await log.append(topic, numbered(400, 440));
          offsets.push(record.offset);
        }
        return offsets;
      };
      const expected = (from: number, to: number) => range(from, to).map(BigInt);
      expect(await offsetsOf(0n)).toEqual(expected(0, Number(end)));
      expect(await offsetsOf(3n, 7n)).toEqual([3n, 4n, 5n, 6n]);
      expect(await offsetsOf(7n, 7n)).toEqual([]);
      const [grown] = (await log.partitions(topic)).filter((one) => one.partition === partition);
      expect(await offsetsOf(grown.end - 1n, grown.end + 1000n)).toEqual([grown.end - 1n]);
      expect(await offsetsOf(grown.end + 1000n)).toEqual([]);
    });

    test('finds the first offset at or after a time, and the end where none is', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      await log.append(topic, numbered(0, 40));
      await pause(50);
      const between = Date.now();
      const middle = await log.partitions(topic);
      await pause(50);
      await log.append(topic, numbered(40, 80));
      const end = await log.partitions(topic);
      const offsets = async (timestampMs: number) =>
        (await log.offsetsAt(topic, timestampMs)).toSorted((a, b) => a.partition - b.partition);
      const ends = (ranges: typeof end) =>
        ranges.map(({ partition, end: offset }) => ({ partition, offset }));
      expect(await offsets(0)).toEqual(end.map(({ partition }) => ({ partition, offset: 0n })));
      expect(await offsets(between)).toEqual(ends(middle));
      expect(await offsets(Date.now() + 60_000)).toEqual(ends(end));
    });

    test('a group gets every record, each partition in order, at most a batch at a time', async () => {
      const { log, within } = await filled(100);
      let longest = 0;
      const received = await consumeUntil(
        log,
        { ...within, batch: 7 },
        (records) => records.length >= 100,
        async (batch) => {
          longest = Math.max(longest, batch.records.length);
          expect(new Set(batch.records.map((record) => record.partition))).toEqual(
            new Set([batch.partition]),
          );
          await batch.heartbeat();
          await batch.commit(batch.records[batch.records.length - 1].offset + 1n);
        },
      );
      expect(longest).toBeLessThanOrEqual(7);
      expect(sorted(received)).toEqual(range(0, 100));
      for (const records of Map.groupBy(received, (record) => record.partition).values()) {
        expect(records.map((record) => record.offset)).toEqual(records.map((_, n) => BigInt(n)));
      }
    });

    test('goes on at the last commit, and delivers again what was not committed', async () => {
      const { log, topic, within } = await filled(40);
      const { partition } = await partitionWithRecords(log, topic);
      await consumeUntil(
        log,
        { ...within, batch: 1000 },
        (records) => records.length >= 40,
        async (batch) => {
          if (batch.partition === partition) await batch.commit(2n);
          else await batch.commit(batch.records[batch.records.length - 1].offset + 1n);
        },
      );
      const next = await opened(open);
      const again = await consumeUntil(next, within, (records) =>
        records.some((record) => record.offset === 4n),
      );
      expect(new Set(again.map((record) => record.partition))).toEqual(new Set([partition]));
      expect(again[0].offset).toBe(2n);
    });

    test('brings the metadata of a commit back with the next batch of its partition', async () => {
      const { log, topic, within } = await filled(40);
      const { partition } = await partitionWithRecords(log, topic);
      const seen: string[] = [];
      const note = '{"attempt":1,"offset":"0"}';
      const step = (offset: bigint, metadata?: string) =>
        consumeUntil(
          log,
          { ...within, batch: 1 },
          (records) => records.some((record) => record.partition === partition),
          async (batch) => {
            if (batch.partition !== partition) return;
            seen.push(batch.metadata);
            await batch.commit(offset, metadata);
          },
        );
      await step(0n, note);
      await step(1n, 'żółć');
      await step(2n);
      await step(3n);
      expect(seen).toEqual(['', note, 'żółć', '']);
    });

    test('an error of the handler ends consume with that error, and commits nothing', async () => {
      const { log, topic, group, within } = await filled(10);
      const failing = log.consume(
        { topic, group, from: 'earliest', batch: 100, signal: new AbortController().signal },
        async () => {
          throw new Error('the handler broke');
        },
      );
      await expect(failing).rejects.toThrow('the handler broke');
      expect(await log.lag(topic, group)).toBe(10);
      const received = await consumeUntil(log, within, (records) => records.length >= 10);
      expect(sorted(received)).toEqual(range(0, 10));
    });

    test('a group that begins at the latest gets what comes after it joined', async () => {
      const { log, topic, within } = await filled(20);
      const writer = await opened(open);
      let stop = false;
      // When a group has joined shows in what it receives, so records keep coming until it does.
      const writing = (async () => {
        for (let n = 20; !stop; n += 8) {
          await writer.append(topic, numbered(n, n + 8));
          await pause(100);
        }
      })();
      const received = await consumeUntil(
        log,
        { ...within, from: 'latest' },
        (records) => records.length >= 40,
      );
      stop = true;
      await writing;
      expect(received.length).toBeGreaterThanOrEqual(40);
      expect(Math.min(...numbersOf(received))).toBeGreaterThanOrEqual(20);
    });

    test('every group gets every record', async () => {
      const { log, within } = await filled(20);
      for (const group of ['one', 'two']) {
        const own = { ...within, group: `${within.group}-${group}` };
        expect(sorted(await consumeUntil(log, own, (records) => records.length >= 20))).toEqual(range(0, 20));
      }
    });

    test('the members of a group share the partitions, and one takes over when another leaves', async () => {
      const { log, topic, group } = await filled(0);
      const received = new Map<string, TopicRecord[]>([
        ['one', []],
        ['two', []],
      ]);
      const member = async (who: string, signal: AbortSignal) => {
        const mine = await opened(open);
        await mine.consume({ topic, group, from: 'earliest', batch: 4, signal }, async (batch) => {
          received.get(who)!.push(...batch.records);
          await batch.commit(batch.records[batch.records.length - 1].offset + 1n);
        });
      };
      const [stopOne, stopTwo] = [new AbortController(), new AbortController()];
      const [one, two] = [member('one', stopOne.signal), member('two', stopTwo.signal)];
      let next = 0;
      const bothWork = async () => {
        await log.append(topic, numbered(next, next + 8));
        next += 8;
        for (const records of received.values()) expect(records).not.toHaveLength(0);
      };
      await vi.waitFor(bothWork, { timeout: rebalanceMs, interval: 100 });
      const all = () => [...received.values()].flat();
      const complete = () => expect(new Set(numbersOf(all()))).toEqual(new Set(range(0, next)));
      await vi.waitFor(complete, { timeout: rebalanceMs, interval: 50 });
      stopOne.abort();
      await one;
      const before = received.get('one')!.length;
      await log.append(topic, numbered(next, next + 32));
      next += 32;
      await vi.waitFor(complete, { timeout: rebalanceMs, interval: 50 });
      stopTwo.abort();
      await two;
      expect(received.get('one')).toHaveLength(before);
      expect(await log.lag(topic, group)).toBe(0);
    });

    test('knows how far a group is behind', async () => {
      const { log, topic, group, within } = await filled(40);
      expect(await log.lag(topic, group)).toBe(40);
      await consumeUntil(log, within, (records) => records.length >= 40);
      expect(await log.lag(topic, group)).toBe(0);
      await log.append(topic, numbered(40, 45));
      expect(await log.lag(topic, group)).toBe(5);
      await consumeUntil(log, within, (records) => records.length >= 5, commitNothing);
      expect(await log.lag(topic, group)).toBe(5);
    });

    test('wakes a waiting member at once', async () => {
      const { log, topic, group, within } = await filled(8);
      let appendedAt = 0;
      let receivedAt = 0;
      const enough = (records: readonly TopicRecord[]) => {
        receivedAt = performance.now();
        if (records.length === 8) {
          setTimeout(async () => {
            appendedAt = performance.now();
            await log.append(topic, numbered(8, 9));
          }, 1500);
        }
        return records.length >= 9;
      };
      await consumeUntil(log, { ...within, topic, group }, enough);
      expect(receivedAt - appendedAt).toBeLessThan(wakeUpMs);
      expect(receivedAt).toBeGreaterThan(appendedAt);
    });

    test('a consumer that waits for a topic nobody has used yet gets its first record', async () => {
      const log = await opened(open);
      const topic = await newTopic();
      const within = { topic, group: `group-${randomUUID()}`, withinMs: rebalanceMs + 10_000 };
      const waiting = consumeUntil(log, within, (records) => records.length >= 1);
      await pause(300);
      const writer = await opened(open);
      await writer.append(topic, numbered(0, 1));
      expect(numbersOf(await waiting)).toEqual([0]);
    });
  });
}
