import { setTimeout as pause } from 'node:timers/promises';
import type { Closable } from 'openfaas-sdk-ts';
import { describe, expect, test, vi } from 'vitest';
import { findInstrument } from '#shared/domain/ids/instruments.ts';
import { arrivals } from '#shared/wiring/arrivals.ts';
import { butler } from '#shared/wiring/butler.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { workQueue } from '#shared/wiring/work-queue.ts';
import { workStream } from '#shared/wiring/work-stream.ts';
import ingestBatch from '../../../functions/ingest-batch/handler.ts';
import requeueIdle from '../../../functions/requeue-idle/handler.ts';
import { metric } from '../../openfaas-sdk-ts/on-sqlite.ts';
import { embeddedWorld, interruptible } from '../../support/embedded.ts';
import { putRaw, rawFile } from '../../support/raw-files.ts';

const list = 'QUEUE:raw';
const [stream, group] = ['instrument:simcam', 'simcam_consumer_group'];
/** The night of the raws, and a wall clock after which none of them is too young. */
const time = { night: () => Date.parse('2026-01-02T04:00:00Z'), wall: () => Date.now() + 120_000 };

async function world() {
  const world = embeddedWorld();
  const registry = await world.open(butler);
  await registry.register(findInstrument('SimCam')!);
  return {
    world,
    store: await world.open(objectStore('raw')),
    queue: await world.open(workQueue),
    stream: await world.open(workStream('process')),
    arrivals: await world.open(arrivals),
  };
}
type World = Awaited<ReturnType<typeof world>>;

const waiting = async ({ queue }: World) => (await queue.depth(list)).waiting;

describe('abandoned work', () => {
  test('of a dead worker is back in its list, of a living one is not', async () => {
    const here = await world();
    await here.queue.push(list, [{ item: 'raw/a' }, { item: 'raw/b' }]);
    const take = { limit: 1, waitSeconds: 0 };
    await here.queue.take(list, { ...take, worker: 'dead', leaseSeconds: 0.05 });
    await here.queue.take(list, { ...take, worker: 'alive', leaseSeconds: 60 });
    await pause(100);
    await here.world.start(requeueIdle, { time });
    await vi.waitFor(
      async () => expect(await here.queue.depth(list)).toMatchObject({ waiting: 1, inHand: 1 }),
      5000,
    );
  });

  test('of a dead consumer is back on its stream', async () => {
    const here = await world();
    const entries = [{ item: 'SimCam/g/0', fields: { detector: '0' } }];
    await here.stream.appendAll(stream, entries, { group, dedupeSeconds: 60 });
    await here.stream.take(stream, { group, consumer: 'dead', limit: 1, leaseSeconds: 0.05, waitSeconds: 0 });
    await pause(100);
    await here.world.start(requeueIdle, { time });
    await vi.waitFor(
      async () => expect(await here.stream.depth(stream, group)).toMatchObject({ waiting: 1 }),
      5000,
    );
  });

  test('comes back also while the bucket does not answer', async () => {
    const here = await world();
    await here.queue.push(list, [{ item: 'raw/a' }]);
    await here.queue.take(list, { worker: 'dead', limit: 1, leaseSeconds: 0.05, waitSeconds: 0 });
    await pause(100);
    const { ports } = requeueIdle;
    const cut = {
      ...requeueIdle,
      ports: { ...ports, raw: interruptible<Closable>(ports.raw, { down: true }) },
    };
    await here.world.start(cut, { time });
    await vi.waitFor(async () => expect(await waiting(here)).toBe(1), 5000);
  });
});

describe('raws that nobody announced', () => {
  test('are queued once, also when the announcement comes after all', async () => {
    const here = await world();
    const raws = [0, 1].map((detector) => rawFile({ seqNum: 1, detector }));
    for (const raw of raws) await putRaw(here.store, raw);
    const fn = await here.world.start(requeueIdle, { time });
    await vi.waitFor(async () => expect(await waiting(here)).toBe(2), 5000);
    await fn.stop();
    const facts = await here.store.head(raws[0].key);
    const late = [{ item: raws[0].path, eTag: facts!.eTag, sequencer: '1' }];
    expect(await here.queue.push(list, late)).toEqual(['duplicate']);
  });

  test('are left alone while they are young, once they are ingested, and once they are set aside', async () => {
    const here = await world();
    const [ingested, young] = [0, 1].map((detector) => rawFile({ seqNum: 1, detector }));
    const dead = rawFile({ seqNum: 2, detector: 0, header: { FILTER: 'h_sim' } });
    await putRaw(here.store, ingested);
    await putRaw(here.store, dead);
    const eTag = async (key: string) => (await here.store.head(key))!.eTag;
    await here.queue.push(list, [{ item: ingested.path }, { item: dead.path, eTag: await eTag(dead.key) }]);
    const ingest = await here.world.start(ingestBatch);
    await vi.waitFor(
      async () => expect(await here.queue.depth(list)).toMatchObject({ waiting: 0, inHand: 0 }),
      5000,
    );
    await ingest.stop();
    expect(await here.queue.deadLetters(list)).toHaveLength(1);
    await pause(1100);
    await putRaw(here.store, young);
    const fn = await here.world.start(requeueIdle, {
      time: { ...time, wall: () => Date.now() },
      environment: { RECONCILE_AGE: '1' },
    });
    const ticks = () => metric(fn, 'nightshift_units_done_total', 'trigger="timer"');
    await vi.waitFor(async () => expect(await ticks()).toBe(1), 5000);
    expect(await waiting(here)).toBe(0);
  });

  test('are found page by page, in every day folder', async () => {
    const here = await world();
    for (const detector of [0, 1, 2, 3]) await putRaw(here.store, rawFile({ seqNum: 1, detector }));
    // Sidecars count as objects that are looked at: four pages of two.
    const environment = { RECONCILE_OBJECTS: '2', LEASE_SECONDS: '1' };
    const quick = { ...requeueIdle, timer: { ...requeueIdle.timer!, everySeconds: 0.05 } };
    await here.world.start(quick, { time, environment });
    await vi.waitFor(async () => expect(await waiting(here)).toBe(4), 5000);
  });
});

test('presence is told again of ingested raws that it has forgotten, also where only that is lost', async () => {
  const here = await world();
  const raws = [0, 1].map((detector) => rawFile({ seqNum: 1, detector }));
  for (const raw of raws) await putRaw(here.store, raw);
  await here.queue.push(
    list,
    raws.map(({ path }) => ({ item: path })),
  );
  // An announcement with the shortest life stands for a lost Redis.
  await here.world.start(ingestBatch, { environment: { GROUP_LIFETIME: '1' } });
  await vi.waitFor(
    async () => expect(await here.queue.depth(list)).toMatchObject({ waiting: 0, inHand: 0 }),
    5000,
  );
  const key = (detector: string) => ({ instrument: 'SimCam', group: raws[0].groupId, snap: 0, detector });
  await vi.waitFor(async () => expect(await here.arrivals.find(key('R22_S00'))).toBeUndefined(), 5000);
  await here.world.start(requeueIdle, { time });
  await vi.waitFor(async () => {
    expect(await here.arrivals.find(key('R22_S00'))).toBe(`s3://${raws[0].path}`);
    expect(await here.arrivals.find(key('R22_S01'))).toBe(`s3://${raws[1].path}`);
  }, 5000);
  expect(await waiting(here)).toBe(0);
});
