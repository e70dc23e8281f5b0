import { randomUUID } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { redisArrivals } from '#shared/drivers/redis/arrivals.ts';
import { redisLeases } from '#shared/drivers/redis/leases.ts';
import { redisWorkQueue } from '#shared/drivers/redis/work-queue.ts';
import { redisWorkStream } from '#shared/drivers/redis/work-stream.ts';
import { opened } from '../../contracts/suite.ts';
import { obtain } from '../../support/services/availability.ts';
import { startRedis } from '../../support/services/redis.ts';

const service = await obtain(startRedis);
afterAll(() => service?.close());

const taking = { limit: 10, leaseSeconds: 30, waitSeconds: 0 };
const unavailable = { code: 'NS_DEPENDENCY_UNAVAILABLE', dependency: 'redis' };

describe.skipIf(!service?.process)('Redis taken away', () => {
  const address = { address: service?.address ?? '', password: service?.password };
  const [host, port] = address.address.split(':');
  const outage = service?.process;

  test('a wrong or missing password is refused, at once', async () => {
    for (const password of ['wrong', undefined]) {
      const queue = await opened(async () => redisWorkQueue({ ...address, password }));
      const began = performance.now();
      await expect(queue.depth('QUEUE:b')).rejects.toMatchObject({
        code: 'NS_DEPENDENCY_REFUSED',
        dependency: 'redis',
      });
      expect(performance.now() - began).toBeLessThan(1500);
    }
  });

  test('an address where nobody answers is a fault within some seconds', async () => {
    const leases = await opened(async () => redisLeases({ address: '127.0.0.1:1' }));
    const began = performance.now();
    await expect(leases.take('x', 1)).rejects.toMatchObject(unavailable);
    expect(performance.now() - began).toBeLessThan(4000);
  });

  test('after a restart in the middle everything goes on where it was', async () => {
    const [list, stream] = [`QUEUE:${randomUUID()}`, `instrument:${randomUUID()}`];
    const group = 'g';
    const queue = await opened(async () => redisWorkQueue(address));
    const work = await opened(async () => redisWorkStream(address));
    const arrivals = await opened(async () => redisArrivals(address));
    const key = { instrument: 'LSSTCam', group: randomUUID(), snap: 0, detector: 'R22_S11' };
    const item = `LSSTCam/${key.group}/1`;
    const fields = { instrument: 'LSSTCam', groupId: key.group, detector: '1' };
    await queue.push(list, [{ item: 'a', eTag: 'e' }, { item: 'b' }]);
    await queue.take(list, { worker: 'w', ...taking, limit: 1 });
    await work.appendAll(stream, [{ item, fields }], { group, dedupeSeconds: 60 });
    const [unit] = await work.take(stream, { group, consumer: 'c', ...taking });
    const cutShort = Promise.all([
      expect(queue.take('QUEUE:empty', { worker: 'w', ...taking, waitSeconds: 20 })).rejects.toMatchObject(
        unavailable,
      ),
      expect(arrivals.wait(key, { waitSeconds: 20 })).rejects.toMatchObject(unavailable),
    ]);
    await pause(200);

    await outage!.stop();
    await Promise.all([
      cutShort,
      expect(queue.push(list, [{ item: 'c' }])).rejects.toMatchObject(unavailable),
      expect(work.take(stream, { group, consumer: 'c', ...taking })).rejects.toMatchObject(unavailable),
    ]);
    await outage!.start();

    const announced = arrivals.wait(key, { waitSeconds: 20 });
    expect(await queue.push(list, [{ item: 'a', eTag: 'e' }])).toEqual(['duplicate']);
    expect(await queue.finish(list, { worker: 'w', item: 'a', ending: { kind: 'done' } })).toBe(true);
    expect(await queue.depth(list)).toEqual({ waiting: 1, inHand: 0, dead: 0 });
    const held = { group, consumer: 'c', id: unit.id };
    expect(await work.finish(stream, { ...held, ending: { kind: 'done' } })).toBe(true);
    await arrivals.announce([{ ...key, uri: 's3://b/k' }], 60);
    expect(await announced).toBe('s3://b/k');
  });

  test('a restart that is over within two seconds is not even felt', async () => {
    const queue = await opened(async () => redisWorkQueue(address));
    const list = `QUEUE:${randomUUID()}`;
    await queue.push(list, [{ item: 'a' }]);
    await outage!.stop();
    const pushed = queue.push(list, [{ item: 'b' }]);
    await pause(300);
    await outage!.start();
    expect(await pushed).toEqual(['queued']);
  });

  test('a Redis that has lost all its data gets its group and scripts again', async () => {
    const stream = `instrument:${randomUUID()}`;
    const work = await opened(async () => redisWorkStream(address));
    const entry = (group: string) => ({
      item: `LSSTCam/${group}/1`,
      fields: { instrument: 'LSSTCam', groupId: group, detector: '1' },
    });
    const options = { group: 'g', dedupeSeconds: 60 };
    await work.appendAll(stream, [entry(randomUUID())], options);
    await work.take(stream, { group: 'g', consumer: 'c', ...taking });
    const redis = new Redis({ host, port: Number(port), password: address.password });
    await redis.flushall();
    await redis.script('FLUSH');
    expect(await work.take(stream, { group: 'g', consumer: 'c', ...taking })).toEqual([]);
    const later = entry(randomUUID());
    await work.appendAll(stream, [later], options);
    const units = await work.take(stream, { group: 'g', consumer: 'c', ...taking });
    expect(units.map(({ item }) => item)).toEqual([later.item]);
    redis.disconnect();
  });

  test('no memory left is a full store, and nothing is half written', async () => {
    const [list, stream] = [`QUEUE:${randomUUID()}`, `instrument:${randomUUID()}`];
    const queue = await opened(async () => redisWorkQueue(address));
    const work = await opened(async () => redisWorkStream(address));
    const redis = new Redis({ host, port: Number(port), password: address.password });
    await redis.config('SET', 'maxmemory', '1');
    const full = { code: 'NS_STORAGE_FULL', dependency: 'redis' };
    const fields = { instrument: 'LSSTCam', groupId: 'g', detector: '1' };
    const entries = [{ item: `LSSTCam/${randomUUID()}/1`, fields }];
    await expect(queue.push(list, [{ item: 'a', eTag: 'e' }])).rejects.toMatchObject(full);
    await expect(work.appendAll(stream, entries, { group: 'g', dedupeSeconds: 60 })).rejects.toMatchObject(
      full,
    );
    await redis.config('SET', 'maxmemory', '0');
    expect(await queue.push(list, [{ item: 'a', eTag: 'e' }])).toEqual(['queued']);
    expect(await work.appendAll(stream, entries, { group: 'g', dedupeSeconds: 60 })).toEqual({
      appended: 1,
      duplicates: 0,
    });
    redis.disconnect();
  });

  test('a Redis that hangs is a fault after two seconds, and items of a lost answer come again', async () => {
    const list = `QUEUE:${randomUUID()}`;
    const proxy = await lossyProxy(Number(port));
    const queue = await opened(async () =>
      redisWorkQueue({ ...address, address: `127.0.0.1:${proxy.port}` }),
    );
    await queue.push(list, [{ item: 'a' }, { item: 'b' }]);
    expect(await queue.take(list, { worker: 'w', ...taking, limit: 1 })).toEqual([{ item: 'a', attempt: 1 }]);
    proxy.swallowAnswers(true);
    const began = performance.now();
    await expect(queue.take(list, { worker: 'w', ...taking })).rejects.toMatchObject(unavailable);
    expect(performance.now() - began).toBeLessThan(3000);
    proxy.swallowAnswers(false);
    // b was taken, but nobody was told; a is in hand and stays there.
    expect(await queue.take(list, { worker: 'w', ...taking })).toEqual([{ item: 'b', attempt: 2 }]);
    expect(await queue.depth(list)).toEqual({ waiting: 0, inHand: 2, dead: 0 });
    proxy.close();
  });
});

/** Passes everything on to a port, but drops what comes back while told to. */
async function lossyProxy(to: number) {
  let swallowing = false;
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    client.pipe(upstream);
    upstream.on('data', (bytes) => {
      if (!swallowing) client.write(bytes);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    port: address.port,
    swallowAnswers(on: boolean) {
      swallowing = on;
    },
    close: () => server.close(),
  };
}
