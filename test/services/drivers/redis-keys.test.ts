import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redisArrivals } from '#shared/drivers/redis/arrivals.ts';
import { redisWorkQueue } from '#shared/drivers/redis/work-queue.ts';
import { redisWorkStream } from '#shared/drivers/redis/work-stream.ts';
import { opened } from '../../contracts/suite.ts';
import { obtain } from '../../support/services/availability.ts';
import { startRedis } from '../../support/services/redis.ts';

// What the originals' own programs and KEDA find in Redis: names, types, fields and the stream's lag.

const service = await obtain(startRedis);
afterAll(() => service?.close());

describe.skipIf(!service)('keys in Redis', () => {
  const address = { address: service?.address ?? '', password: service?.password };
  const [host, port] = address.address.split(':');
  const redis = new Redis({ host, port: Number(port), password: address.password, lazyConnect: true });
  beforeAll(() => redis.connect());
  afterAll(() => redis.disconnect());

  const group = 'lsstcam_consumer_group';
  // The worked example of the fan-out model: values are text, in this order.
  const fields = {
    salIndex: '1',
    scriptSalIndex: '200023',
    instrument: 'LSSTCam',
    groupId: '2023-01-23T23:33:14.762',
    coordinateSystem: '2',
    startTime: '1674516800.0',
    rotationSystem: '2',
    cameraAngle: '135.0',
    filters: 'g_6',
    dome: '2',
    duration: '35.0',
    nimages: '1',
    survey: 'BLOCK-407',
    totalCheckpoints: '1',
    private_sndStamp: '1674516794.7661333',
    position: '[134.5454, -65.3261]',
    detector: '42',
  };

  /** A stream of this test's own, and entries of detectors whose slots nobody had. */
  function fresh() {
    const groupId = `2023-01-23T23:33:14.762#${randomUUID()}`;
    const entry = (detector: number) => ({
      item: `LSSTCam/${encodeURIComponent(groupId)}/${detector}`,
      fields: { ...fields, groupId, detector: String(detector) },
    });
    return { stream: `instrument:${randomUUID()}`, groupId, entry };
  }

  const groupOf = async (stream: string): Promise<Record<string, unknown>> => {
    const [row] = (await redis.xinfo('GROUPS', stream)) as unknown[][];
    return Object.fromEntries(Array.from({ length: row.length / 2 }, (_, n) => [row[2 * n], row[2 * n + 1]]));
  };

  test('an object is pushed as the original pushes it, with its statistics', async () => {
    const bucket = `embargo@${randomUUID()}`;
    const queue = await opened(async () => redisWorkQueue(address));
    const object = (seqNum: number, eTag: string) => ({
      item: `${bucket}/LSSTCam/20251121/MC_O_20251121_${seqNum}/R22_S11.fits`,
      eTag,
      sequencer: '5A3D096863AA680C',
      receipt: { bucket, instrument: 'LSSTCam', obsDay: '20251121', seqNum, receivedMs: 1763700000250 },
    });
    const [late, early] = [object(157, 'e1'), object(156, 'e2')];
    await queue.push(`QUEUE:${bucket}`, [late, early, late]);
    expect(await redis.lrange(`QUEUE:${bucket}`, 0, -1)).toEqual([early.item, late.item]);
    expect(await redis.get(`ENQ:${late.item}`)).toBe('e1:5A3D096863AA680C');
    expect(await redis.ttl(`ENQ:${late.item}`)).toBeGreaterThan(604_700);
    expect(await redis.hgetall(`FILE:${late.item}`)).toEqual({ recv_time: '1763700000.250' });
    expect(await redis.ttl(`FILE:${late.item}`)).toBeGreaterThan(604_700);
    expect(await redis.hgetall(`REC:${bucket}`)).toEqual({ '20251121': '2' });
    expect(await redis.hgetall(`RECINSTR:${bucket}:LSSTCam`)).toEqual({ '20251121': '2' });
    expect(await redis.get(`MAXSEQ:${bucket}:LSSTCam:20251121`)).toBe('157');
  });

  test('work in hand is a list under the worker’s name, kept from the original’s idle service by a heartbeat', async () => {
    const bucket = `tenant:${randomUUID()}`;
    const queue = await opened(async () => redisWorkQueue(address));
    await queue.push(`QUEUE:${bucket}`, [{ item: 'a' }, { item: 'b' }]);
    await queue.take(`QUEUE:${bucket}`, { worker: 'pod-1', limit: 5, leaseSeconds: 30, waitSeconds: 0 });
    const list = `WORKER:${bucket}:pod-1`;
    expect(await redis.lrange(list, 0, -1)).toEqual(['b', 'a']);
    expect(await redis.pttl(`LEASE:${list}`)).toBeGreaterThan(29_000);
    await pause(1500);
    expect(await redis.object('IDLETIME', list)).toBeGreaterThan(0);
    await queue.extend(`QUEUE:${bucket}`, { worker: 'pod-1', leaseSeconds: 30 });
    expect(await redis.object('IDLETIME', list)).toBe(0);
  });

  test('an entry has the original’s fields in its order, and nothing else', async () => {
    const { stream, entry } = fresh();
    const work = await opened(async () => redisWorkStream(address));
    await work.appendAll(stream, [entry(42)], { group, dedupeSeconds: 3600 });
    const [[, flat]] = await redis.xrange(stream, '-', '+');
    expect(flat).toEqual(Object.entries(entry(42).fields).flat());
    expect(await redis.ttl(`SLOT:LSSTCam:${entry(42).fields.groupId}:42`)).toBeGreaterThan(3500);
  });

  test('an entry of the original’s fan-out is work like any other, and one without a slot goes by its id', async () => {
    const { stream, entry } = fresh();
    await redis.xadd(stream, '*', ...Object.entries(entry(7).fields).flat());
    const poison = await redis.xadd(stream, '*', 'instrument', 'LSSTCam');
    const work = await opened(async () => redisWorkStream(address));
    const units = await work.take(stream, {
      group,
      consumer: 'c',
      limit: 5,
      leaseSeconds: 30,
      waitSeconds: 0,
    });
    expect(units.map(({ item, attempt }) => ({ item, attempt }))).toEqual([
      { item: entry(7).item, attempt: 1 },
      { item: poison, attempt: 1 },
    ]);
  });

  test('KEDA’s lag counts what waits through taking, ending, dying, giving back and trimming', async () => {
    const { stream, entry } = fresh();
    const work = await opened(async () => redisWorkStream(address));
    const entries = [0, 1, 2, 3, 4].map(entry);
    await work.appendAll(stream, entries, { group, dedupeSeconds: 60 });
    expect(await groupOf(stream)).toMatchObject({ lag: 5, pending: 0 });
    const taking = { group, consumer: 'c', limit: 1, leaseSeconds: 1, waitSeconds: 0 };
    const [a] = await work.take(stream, taking);
    const [b] = await work.take(stream, taking);
    await work.finish(stream, { group, consumer: 'c', id: b.id, ending: { kind: 'done' } });
    expect(await work.reclaim(stream, { group })).toBe(0);
    // The last delivered entry is finished while an older one is in hand: here a deletion would hide the lag.
    expect(await groupOf(stream)).toMatchObject({ lag: 3, pending: 1 });
    const [c] = await work.take(stream, { ...taking, leaseSeconds: 60 });
    const released = { kind: 'release', afterSeconds: 0, spend: false } as const;
    await work.finish(stream, { group, consumer: 'c', id: c.id, ending: released });
    expect(await groupOf(stream)).toMatchObject({ lag: 3, pending: 0 + 1 });
    await pause(1100);
    expect(await work.reclaim(stream, { group })).toBe(1);
    expect(await groupOf(stream)).toMatchObject({ lag: 4, pending: 0 });
    expect((await redis.xrange(stream, '-', a.id)).length).toBe(0);
    const rest = await work.take(stream, { ...taking, limit: 10, leaseSeconds: 60 });
    expect(rest.map(({ item }) => item).sort()).toEqual([0, 2, 3, 4].map((n) => entry(n).item));
    expect(await groupOf(stream)).toMatchObject({ lag: 0, pending: 4 });
  });

  test('another group sees an entry too [stream-groups]', async () => {
    const { stream, entry } = fresh();
    const work = await opened(async () => redisWorkStream(address));
    await work.appendAll(stream, [entry(1)], { group, dedupeSeconds: 60 });
    const options = { consumer: 'c', limit: 5, leaseSeconds: 30, waitSeconds: 0 };
    for (const own of [group, 'another']) {
      const units = await work.take(stream, { group: own, ...options });
      expect(units.map(({ item }) => item)).toEqual([entry(1).item]);
      // What one group has finished is not trimmed while another has it in hand.
      if (own === group)
        await work.finish(stream, { group, consumer: 'c', id: units[0].id, ending: { kind: 'done' } });
      await work.reclaim(stream, { group });
    }
    expect(await work.unfinished(stream, 'another')).toHaveLength(1);
  });

  test('a dead entry keeps its fields, to be appended again', async () => {
    const { stream, entry } = fresh();
    const work = await opened(async () => redisWorkStream(address));
    await work.appendAll(stream, [entry(3)], { group, dedupeSeconds: 60 });
    const [{ id }] = await work.take(stream, {
      group,
      consumer: 'c',
      limit: 1,
      leaseSeconds: 30,
      waitSeconds: 0,
    });
    await work.finish(stream, { group, consumer: 'c', id, ending: { kind: 'dead', cause: 'no template' } });
    const [letter] = await redis.lrange(`DEAD:${stream}`, 0, -1);
    expect(JSON.parse(letter)).toMatchObject({ item: entry(3).item, cause: 'no template', attempts: 1 });
    expect(JSON.parse(letter).fields).toEqual(Object.entries(entry(3).fields).flat());
  });

  test('a file that the original’s ingest announced is found, and wakes who waits for it', async () => {
    const arrivals = await opened(async () => redisArrivals(address));
    const key = { instrument: 'LSSTCam', group: randomUUID(), snap: 0, detector: 'R44_SW0' };
    const wait = arrivals.wait(key, { waitSeconds: 20 });
    await pause(300);
    await redis.set(`GROUP:LSSTCam:${key.group}:0:R44_SW0`, 's3://embargo@rubin-summit/a.fits', 'EX', 86400);
    const began = performance.now();
    expect(await wait).toBe('s3://embargo@rubin-summit/a.fits');
    expect(performance.now() - began).toBeLessThan(1500);
  });
});
