import { setTimeout as sleep } from 'node:timers/promises';
import { defineFunction, done, hold, type Outcome, retry, type StreamUnit } from 'openfaas-sdk-ts';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { metric, sourcesOnSqlite, started } from '../on-sqlite.ts';

const stream = 'instrument:simcam';
const group = 'simcam_consumer_group';

async function streamFunction(handle: (unit: StreamUnit) => Promise<Outcome>, attempts = 5) {
  const { stream: source, wirings } = await sourcesOnSqlite();
  const spec = defineFunction({
    name: 'stream-test',
    summary: 'Tests the stream trigger.',
    config: z.object({ INSTRUMENT: z.string().default('simcam') }),
    ports: {},
    stream: {
      stream: wirings.stream,
      name: ({ INSTRUMENT }) => `instrument:${INSTRUMENT}`,
      group: ({ INSTRUMENT }) => `${INSTRUMENT}_consumer_group`,
      limitSeconds: 5,
      attempts,
      handle,
    },
  });
  const append = (...items: string[]) =>
    source.appendAll(
      stream,
      items.map((item) => ({ item, fields: { detector: item } })),
      { group, dedupeSeconds: 60 },
    );
  return { spec, source, append };
}

test('works entries one by one, the oldest first, and acknowledges them', async () => {
  const seen: string[] = [];
  const { spec, source, append } = await streamFunction(async ({ item, fields, attempt }) => {
    seen.push(`${item} ${fields.detector} ${attempt}`);
    return done;
  });
  await append('a', 'b');
  const fn = await started(spec);
  await vi.waitFor(async () => expect(await source.unfinished(stream, group)).toEqual([]));
  expect(seen).toEqual(['a a 1', 'b b 1']);
  expect(await metric(fn, 'nightshift_units_done_total', 'trigger="stream"')).toBe(2);
});

test('sets an entry aside after its attempts, and goes on with the next', async () => {
  const { spec, source, append } = await streamFunction(
    async ({ item }) => (item === 'bad' ? retry(0, 'no template') : done),
    2,
  );
  await append('bad', 'good');
  await started(spec);
  await vi.waitFor(async () => expect(await source.unfinished(stream, group)).toEqual([]), 10_000);
  expect(await source.deadLetters(stream)).toMatchObject([{ item: 'bad', attempts: 2 }]);
});

test('an entry that outlasts its lease stays with its worker', async () => {
  const { spec, source, append } = await streamFunction(async () => {
    await sleep(1200);
    return done;
  });
  await append('long');
  await started(spec, { LEASE_SECONDS: '0.5' });
  for (let look = 0; look < 8; look += 1) {
    await sleep(120);
    expect(await source.reclaim(stream, { group })).toBe(0);
  }
  await vi.waitFor(async () => expect(await source.unfinished(stream, group)).toEqual([]));
});

test('a worker whose only trigger has held for a minute gives its place back', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const { spec, source, append } = await streamFunction(async () => hold('sattle', 'connection refused'));
    await append('a');
    const fn = await started(spec);
    await vi.waitFor(async () =>
      expect(await metric(fn, 'nightshift_holding', 'dependency="sattle"')).toBe(1),
    );
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await fn.finished).toBe('sattle has not answered for a minute');
    await fn.drain();
    expect(await source.depth(stream, group)).toMatchObject({ waiting: 1, inHand: 0, dead: 0 });
  } finally {
    vi.useRealTimers();
  }
});
