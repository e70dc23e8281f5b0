import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sqliteLogReader } from '#shared/drivers/sqlite/log-reader.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';
import { consumeUntil, type LogSuite, readAll } from '../../contracts/log.ts';
import { logReaderContract } from '../../contracts/log-reader.ts';
import { logWriterContract } from '../../contracts/log-writer.ts';
import { opened } from '../../contracts/suite.ts';
import { suiteFolder } from '../../support/folders.ts';

const data = suiteFolder();

const suite: LogSuite = {
  world: 'embedded',
  rebalanceMs: 5000,
  newTopic: async () => `topic-${randomUUID()}`,
  async open() {
    const [reader, writer] = [await sqliteLogReader({ data }), await sqliteLogWriter({ data })];
    const close = async () => {
      await reader.close();
      await writer.close();
    };
    return { ...reader, ...writer, close };
  },
};

logWriterContract('SQLite', suite);
logReaderContract('SQLite', suite);

test('a partition with a backlog does not starve the others, however slow the handler is', async () => {
  const reader = await opened(() => sqliteLogReader({ data, sessionSeconds: 0.3 }));
  const log = await opened(suite.open);
  const topic = await suite.newTopic();
  await log.append(
    topic,
    Array.from({ length: 64 }, (_, n) => ({ key: `${n}`, value: 'x' })),
  );
  const served: number[] = [];
  const stop = new AbortController();
  // Each batch outlasts the time between two looks at the group's members.
  await reader.consume(
    { topic, group: 'slow', from: 'earliest', batch: 1, signal: stop.signal },
    async (batch) => {
      served.push(batch.partition);
      await pause(120);
      if (served.length === 8) stop.abort();
    },
  );
  expect(served.toSorted()).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
});

test('a group keeps the end at which it began, though it has committed nothing [log-begin-at-latest]', async () => {
  const log = await opened(suite.open);
  const topic = await suite.newTopic();
  await log.append(topic, [{ value: 'before' }]);
  const group = { topic, group: 'late', from: 'latest' } as const;
  await consumeUntil(log, { ...group, withinMs: 200 }, () => true);
  await log.append(topic, [{ value: 'between' }]);
  const received = await consumeUntil(log, { ...group, withinMs: 5000 }, (records) => records.length > 0);
  expect(received.map(({ value }) => String(Buffer.from(value)))).toEqual(['between']);
});

test('keeps every record from the first on [log-retention]', async () => {
  const log = await opened(suite.open);
  const topic = await suite.newTopic();
  for (const value of ['old', 'new']) await log.append(topic, [{ key: 'one', value }]);
  const ranges = await log.partitions(topic);
  expect(ranges.map(({ begin }) => begin)).toEqual([0n, 0n, 0n, 0n]);
  expect((await readAll(log, topic)).map(({ value }) => String(Buffer.from(value)))).toEqual(['old', 'new']);
});
