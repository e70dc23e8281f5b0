import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Closable,
  dead,
  defineFunction,
  done,
  hold,
  type NewRecord,
  type Outcome,
  realTime,
  retry,
  type TopicRecord,
  type TopicSource,
  type Wiring,
} from 'openfaas-sdk-ts';
import { readMark, writeMark } from 'openfaas-sdk-ts/triggers/attempt-mark.ts';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { sqliteLogReader } from '#shared/drivers/sqlite/log-reader.ts';
import { metric, sourcesOnSqlite, started } from '../on-sqlite.ts';

const topic = 'alerts';
const group = 'topic-test';

const text = (record: { value: Uint8Array }) => Buffer.from(record.value).toString();

async function topicFunction(
  handle: (records: readonly TopicRecord[]) => Promise<Outcome[]>,
  options: { attempts?: number; limitSeconds?: number } = {},
) {
  const { reader, writer, wirings, data } = await sourcesOnSqlite();
  const commits: { offset: bigint; metadata: string }[] = [];
  const spec = defineFunction({
    name: 'topic-test',
    summary: 'Tests the topic trigger.',
    config: z.object({}),
    ports: {},
    topic: {
      log: watched(wirings.log, commits),
      name: topic,
      group,
      batch: 10,
      limitSeconds: 5,
      ...options,
      handle,
    },
  });
  /** All on one partition, so that they come as one batch. */
  const append = (...values: string[]) =>
    writer.append(
      topic,
      values.map((value): NewRecord => ({ key: 'one', value, headers: { id: value, producer: 'test' } })),
    );
  const read = async (name: string): Promise<TopicRecord[]> => {
    const records: TopicRecord[] = [];
    for (const { partition, begin } of await reader.partitions(name)) {
      records.push(...(await Array.fromAsync(reader.read(name, { partition, from: begin }))));
    }
    return records;
  };
  const caughtUp = () =>
    vi.waitFor(async () => {
      expect(await reader.lag(topic, group)).toBe(0);
      expect(await reader.lag(`${group}.retry`, `${group}.retry`)).toBe(0);
    }, 15_000);
  return { spec, reader, append, read, caughtUp, data, commits };
}

test('hands a batch over, sets aside what must be, and moves the offset on', async () => {
  const batches: string[][] = [];
  const { spec, append, read, caughtUp } = await topicFunction(async (records) => {
    batches.push(records.map(text));
    return records.map((record) => (text(record) === 'bad' ? dead('not an alert') : done));
  });
  await append('a', 'bad', 'b');
  const fn = await started(spec);
  await caughtUp();
  expect(batches).toEqual([['a', 'bad', 'b']]);
  const [set] = await read(`${group}.dead`);
  expect(text(set)).toBe('bad');
  expect(Buffer.from(set.key!).toString()).toBe('one');
  expect(set.headers).toMatchObject({ id: 'bad', producer: 'test', attempt: '1', cause: 'not an alert' });
  expect(set.headers.source).toMatch(/^alerts\/\d+\/1$/);
  expect(await metric(fn, 'nightshift_units_dead_total', 'trigger="topic"')).toBe(1);
});

test('a retried record waits for its time on the retry topic, comes back as it was, and dies after its attempts', async () => {
  const tries: { attempt: string; id: string; atMs: number }[] = [];
  const { spec, append, read, caughtUp } = await topicFunction(
    async (records) =>
      records.map((record) => {
        if (text(record) !== 'again') return done;
        tries.push({ attempt: record.headers.attempt, id: record.headers.id, atMs: Date.now() });
        return retry(0.5, 'not in the bucket yet');
      }),
    { attempts: 3 },
  );
  await append('again', 'b');
  await started(spec);
  await vi.waitFor(async () => expect(await read(`${group}.dead`)).toHaveLength(1), 15_000);
  await caughtUp();
  expect(tries.map(({ attempt, id }) => [attempt, id])).toEqual([
    [undefined, 'again'],
    ['1', 'again'],
    ['2', 'again'],
  ]);
  expect(tries[1].atMs - tries[0].atMs).toBeGreaterThanOrEqual(499);
  expect(tries[2].atMs - tries[1].atMs).toBeGreaterThanOrEqual(499);
  const [set] = await read(`${group}.dead`);
  expect(set.headers.cause).toBe('attempt 3 of 3 failed: not in the bucket yet');
  expect(set.headers.source).toMatch(/^alerts\/\d+\/0$/);
  expect(set.headers['not-before']).toBeUndefined();
});

test('a clock that lags behind the timers delays a retry and breaks nothing', async () => {
  let tries = 0;
  const { spec, append, caughtUp } = await topicFunction(async (records) =>
    records.map(() => {
      tries += 1;
      return tries === 1 ? retry(0.2, 'not yet') : done;
    }),
  );
  await append('a');
  let wall = Date.now();
  // Each look moves the clock by 30 ms, however long a timer has waited.
  const lagging = () => {
    wall += 30;
    return wall;
  };
  const fn = await started(spec, {}, { ...realTime, wall: lagging });
  await caughtUp();
  expect(tries).toBe(2);
  expect(fn.lines.filter(({ msg }) => String(msg).startsWith('holding'))).toEqual([]);
});

test('a batch that somebody died with is taken record by record, and the mark is left while a record is at work', async () => {
  const batches: string[][] = [];
  const { spec, append, caughtUp, reader, commits } = await topicFunction(async (records) => {
    batches.push(records.map(text));
    return records.map(() => done);
  });
  await append('a', 'b', 'c');
  await leaveMark(reader, { attempt: 1, offset: 1n });
  await started(spec);
  await caughtUp();
  expect(batches).toEqual([['a'], ['b'], ['c']]);
  expect(commits.map(({ offset, metadata }) => [offset, readMark(metadata)])).toEqual([
    [0n, { attempt: 1, offset: 0n }],
    [1n, { attempt: 1, offset: 1n }],
    [1n, { attempt: 2, offset: 1n }],
    [2n, undefined],
    [2n, { attempt: 1, offset: 2n }],
    [3n, undefined],
  ]);
});

test('a record that killed its process once too often is set aside, and what is behind it goes on', async () => {
  const seen: string[] = [];
  const { spec, append, read, caughtUp, reader } = await topicFunction(
    async (records) => {
      seen.push(...records.map(text));
      return records.map(() => done);
    },
    { attempts: 2 },
  );
  await append('poison', 'b');
  await leaveMark(reader, { attempt: 2, offset: 0n });
  await started(spec);
  await caughtUp();
  expect(seen).toEqual(['b']);
  expect((await read(`${group}.dead`)).map(({ headers }) => headers.cause)).toEqual([
    'tried 2 times without an end: the process died with it in hand',
  ]);
});

test('a hold keeps the record, gives the attempt back and goes on when the dependency answers', async () => {
  let up = false;
  const batches: string[][] = [];
  const { spec, append, caughtUp, read, commits } = await topicFunction(async (records) => {
    batches.push(records.map(text));
    return records.map((record) =>
      up || text(record) === 'a' ? done : hold('broker', 'not enough replicas'),
    );
  });
  await append('a', 'b', 'c');
  const fn = await started(spec);
  await vi.waitFor(async () => expect(await metric(fn, 'nightshift_holding', 'dependency="broker"')).toBe(1));
  await vi.waitFor(() => expect(commits.at(-1)).toEqual({ offset: 1n, metadata: '' }));
  up = true;
  await caughtUp();
  expect(batches).toEqual([['a', 'b', 'c'], ['b'], ['c']]);
  expect(await read(`${group}.dead`)).toEqual([]);
  expect(await read(`${group}.retry`)).toEqual([]);
});

test('the drain ends the batch in hand, commits it and takes nothing more', async () => {
  const begun = Promise.withResolvers<void>();
  const { spec, append, reader } = await topicFunction(async (records) => {
    begun.resolve();
    await sleep(300);
    return records.map(() => done);
  });
  await append('a');
  const fn = await started(spec);
  await begun.promise;
  await append('b');
  await fn.drain();
  expect(await reader.lag(topic, group)).toBe(1);
});

test('work longer than the session keeps the partition by heartbeats', async () => {
  const { spec, append, caughtUp, data } = await topicFunction(
    async (records) => {
      await sleep(4000);
      return records.map(() => done);
    },
    { limitSeconds: 10 },
  );
  await append('a');
  const fn = await started(spec);
  const second = await sqliteLogReader({ data, sessionSeconds: 3.5 });
  const taken: string[] = [];
  const stop = new AbortController();
  await sleep(200);
  const consuming = second.consume(
    { topic, group, from: 'earliest', batch: 10, signal: stop.signal },
    async (batch) => {
      taken.push(...batch.records.map(text));
    },
  );
  await caughtUp();
  stop.abort();
  await consuming;
  await second.close();
  expect(taken).toEqual([]);
  expect(fn.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

/** The same log, which writes down what is committed on the topic itself. */
const watched = <Log extends TopicSource & Closable>(
  log: Wiring<Log>,
  commits: { offset: bigint; metadata: string }[],
): Wiring<Log> => ({
  ...log,
  open: async (context) => {
    const source = await log.open(context);
    return {
      ...source,
      consume: (options, each) =>
        source.consume(options, (batch) =>
          each({
            ...batch,
            commit: async (offset, metadata = '') => {
              if (options.topic === topic) commits.push({ offset, metadata });
              await batch.commit(offset, metadata);
            },
          }),
        ),
    };
  },
});

/** Commits a mark at offset 0, as a worker that died with `offset` in hand left it. */
async function leaveMark(
  reader: Awaited<ReturnType<typeof sqliteLogReader>>,
  mark: { attempt: number; offset: bigint },
): Promise<void> {
  const stop = new AbortController();
  await reader.consume({ topic, group, from: 'earliest', batch: 1, signal: stop.signal }, async (batch) => {
    await batch.commit(0n, writeMark(mark));
    stop.abort();
  });
}
