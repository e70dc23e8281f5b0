import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sqliteLogReader } from '#shared/drivers/sqlite/log-reader.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';
import type { LogSuite } from '../../contracts/log.ts';
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
