import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sqliteArrivals } from '#shared/drivers/sqlite/arrivals.ts';
import { sqliteLogReader } from '#shared/drivers/sqlite/log-reader.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';
import { sqliteWorkQueue } from '#shared/drivers/sqlite/work-queue.ts';
import { consumeUntil } from '../../contracts/log.ts';
import { opened, wakeUpMs } from '../../contracts/suite.ts';
import { testFolder } from '../../support/folders.ts';
import { ended, firstLine, startProcess } from '../../support/processes.ts';

const processes = join(import.meta.dirname, 'processes');

test('the partitions of a killed member are taken over at once, from its last commit', async () => {
  const data = testFolder();
  const log = await opened(() => sqliteLogReader({ data }));
  const writer = await opened(() => sqliteLogWriter({ data }));
  await writer.append(
    't',
    Array.from({ length: 40 }, (_, n) => ({ value: `${n}` })),
  );
  const child = startProcess(join(processes, 'consume.ts'), [data, 't', 'g']);
  await firstLine(child);
  child.kill('SIGKILL');
  await ended(child);
  const began = performance.now();
  const left = await log.lag('t', 'g');
  expect(left).toBeLessThan(40);
  const rest = await consumeUntil(
    log,
    { topic: 't', group: 'g', withinMs: 20_000 },
    (all) => all.length >= left,
  );
  expect(rest).toHaveLength(left);
  // Its session of 30 s need not expire: the process is dead.
  expect(performance.now() - began).toBeLessThan(5000);
});

test('a member that neither reads nor beats within its session loses its partitions and cannot commit', async () => {
  const data = testFolder();
  const slow = await opened(() => sqliteLogReader({ data, sessionSeconds: 1 }));
  const writer = await opened(() => sqliteLogWriter({ data }));
  await writer.append('t', [{ value: 'a' }]);
  const consuming = slow.consume(
    { topic: 't', group: 'g', from: 'earliest', batch: 1, signal: new AbortController().signal },
    async (batch) => {
      await pause(2500);
      await batch.commit(1n);
    },
  );
  const outcome = expect(consuming).rejects.toMatchObject({ code: 'NS_LEASE_LOST' });
  await pause(500);
  const heir = await opened(() => sqliteLogReader({ data }));
  const received = await consumeUntil(
    heir,
    { topic: 't', group: 'g', withinMs: 20_000 },
    (all) => all.length === 1,
    async (batch) => {
      await pause(2000);
      await batch.commit(1n);
    },
  );
  expect(received).toHaveLength(1);
  await outcome;
});

test('NIGHTSHIFT_CRASH kills a process right after an effect, and the item comes back', async () => {
  const data = testFolder();
  const queue = await opened(() => sqliteWorkQueue({ data }));
  await queue.push('QUEUE:raw', [{ item: 'a' }]);
  const worker = (crash: string) =>
    ended(
      startProcess(join(processes, 'take-and-stop.ts'), [data, 'QUEUE:raw'], { NIGHTSHIFT_CRASH: crash }),
    );
  expect(await worker('work-queue.take#1')).toBe('SIGKILL');
  expect(await queue.depth('QUEUE:raw')).toEqual({ waiting: 0, inHand: 1, dead: 0 });
  await pause(1100);
  expect(await queue.reclaim('QUEUE:raw')).toBe(1);
  expect(await worker('work-queue.finish#1')).toBe('SIGKILL');
  expect(await queue.depth('QUEUE:raw')).toEqual({ waiting: 0, inHand: 0, dead: 0 });
});

test('NIGHTSHIFT_CRASH=record:FILE writes the effects down', async () => {
  const data = testFolder();
  const queue = await opened(() => sqliteWorkQueue({ data }));
  await queue.push('QUEUE:raw', [{ item: 'a' }]);
  const file = join(data, 'effects.txt');
  const child = startProcess(join(processes, 'take-and-stop.ts'), [data, 'QUEUE:raw'], {
    NIGHTSHIFT_CRASH: `record:${file}`,
  });
  expect(await ended(child)).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe('work-queue.take#1\nwork-queue.finish#1\n');
});

test('an announcement in one process wakes a waiter in another', async () => {
  const data = testFolder();
  const arrivals = await opened(() => sqliteArrivals({ data }));
  const key = { instrument: 'SimCam', group: 'g#1', snap: 0, detector: 'R22_S11' };
  const child = startProcess(join(processes, 'wait-for-arrival.ts'), [data, JSON.stringify(key)]);
  const lines = child.stdout![Symbol.asyncIterator]();
  expect(String((await lines.next()).value)).toBe('waiting\n');
  await pause(300);
  const announcedAt = Date.now();
  await arrivals.announce([{ ...key, uri: 's3://b/k' }], 60);
  const { uri, atMs } = JSON.parse(String((await lines.next()).value));
  expect(uri).toBe('s3://b/k');
  expect(atMs - announcedAt).toBeLessThan(wakeUpMs);
});
