import { setTimeout as sleep } from 'node:timers/promises';
import {
  dead,
  defineFunction,
  done,
  Fault,
  hold,
  type Outcome,
  type QueueUnit,
  retry,
} from 'openfaas-sdk-ts';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { sqliteWorkQueue } from '#shared/drivers/sqlite/work-queue.ts';
import type { WorkQueue } from '#shared/ports/work-queue.ts';
import { metric, sourcesOnSqlite, started, wiring } from '../on-sqlite.ts';

const list = 'QUEUE:raw';

type Handle = (units: readonly QueueUnit[], signal: AbortSignal) => Promise<Outcome[]>;

interface Options {
  readonly batch?: number;
  readonly attempts?: number;
  readonly limitSeconds?: number;
  /** Stands between the trigger and its source, to let that fail. */
  readonly through?: (source: WorkQueue) => WorkQueue;
}

/** A function of one queue trigger on SQLite, and the same queue to feed it. */
async function queueFunction(handle: Handle, { through = (source) => source, ...options }: Options = {}) {
  const { queue, data } = await sourcesOnSqlite();
  const spec = defineFunction({
    name: 'queue-test',
    summary: 'Tests the queue trigger.',
    config: z.object({}),
    ports: {},
    queue: {
      queue: wiring('work-queue', async () => through(await sqliteWorkQueue({ data }))),
      names: () => [list],
      batch: 10,
      limitSeconds: 5,
      ...options,
      handle: (units, { signal }) => handle(units, signal),
    },
  });
  const push = (...items: string[]) =>
    queue.push(
      list,
      items.map((item) => ({ item })),
    );
  return { spec, queue, push };
}

const emptied = (queue: {
  depth(name: string): Promise<{ waiting: number; inHand: number; dead: number }>;
}) =>
  vi.waitFor(async () => expect(await queue.depth(list)).toMatchObject({ waiting: 0, inHand: 0 }), 10_000);

test('works a batch, acknowledges each item by its outcome and counts them', async () => {
  const handle: Handle = async (units) =>
    units.map(({ item }) => (item === 'bad' ? dead('it is bad') : done));
  const { spec, queue, push } = await queueFunction(handle);
  await push('a', 'bad', 'b');
  const fn = await started(spec);
  await emptied(queue);
  expect(await queue.deadLetters(list)).toMatchObject([{ item: 'bad', cause: 'it is bad' }]);
  expect(await metric(fn, 'nightshift_units_received_total', 'trigger="queue"')).toBe(3);
  expect(await metric(fn, 'nightshift_units_done_total', 'trigger="queue"')).toBe(2);
  expect(await metric(fn, 'nightshift_units_dead_total', 'trigger="queue"')).toBe(1);
  expect(await metric(fn, 'nightshift_units_in_flight', 'trigger="queue"')).toBe(0);
  expect(await metric(fn, 'nightshift_lag', `source="${list}"`)).toBe(0);
});

test('tries an item again after a retry, and sets it aside with its cause after the last attempt', async () => {
  const attempts: number[] = [];
  const handle: Handle = async ([{ attempt }]) => {
    attempts.push(attempt);
    return [retry(0, 'not yet')];
  };
  const { spec, queue, push } = await queueFunction(handle, { attempts: 3 });
  await push('a');
  await started(spec);
  await vi.waitFor(async () => expect(await queue.deadLetters(list)).toHaveLength(1), 10_000);
  expect(attempts).toEqual([1, 2, 3]);
  expect((await queue.deadLetters(list))[0].cause).toContain('attempt 3 of 3 failed: not yet');
});

test('an item that a process died with is worked alone, and its neighbours lose no attempt', async () => {
  const { spec, queue, push } = await queueFunction(async (units) => {
    calls.push(units.map(({ item, attempt }) => `${item}${attempt}`));
    return units.map(() => done);
  });
  const calls: string[][] = [];
  await push('a', 'b');
  // A worker that takes both and is heard of no more.
  await queue.take(list, { worker: 'died', limit: 10, leaseSeconds: 0.05, waitSeconds: 0 });
  await sleep(100);
  await queue.reclaim(list);
  await push('c');
  await started(spec);
  await emptied(queue);
  expect(calls).toEqual([['a2'], ['b2'], ['c1']]);
});

test('an item that killed its process once too often is set aside without another try', async () => {
  let called = 0;
  const { spec, queue, push } = await queueFunction(
    async (units) => {
      called += 1;
      return units.map(() => done);
    },
    { attempts: 2 },
  );
  await push('poison');
  for (const worker of ['first', 'second']) {
    await queue.take(list, { worker, limit: 1, leaseSeconds: 0.01, waitSeconds: 0 });
    await sleep(30);
    await queue.reclaim(list);
  }
  await started(spec);
  await vi.waitFor(async () => expect(await queue.deadLetters(list)).toHaveLength(1), 10_000);
  expect(called).toBe(0);
  expect((await queue.deadLetters(list))[0].cause).toContain('the process died with it in hand');
});

test('a hold gives the attempt back, stops pulling, names the dependency, stays ready, and probes until it answers', async () => {
  let up = false;
  const calls: string[][] = [];
  const { spec, queue, push } = await queueFunction(async (units) => {
    calls.push(units.map(({ item, attempt }) => `${item}${attempt}`));
    return units.map(() => (up ? done : hold('sattle', 'connection refused')));
  });
  await push('a', 'b', 'c');
  const fn = await started(spec);
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  await vi.waitFor(async () => expect(await metric(fn, 'nightshift_holding', 'dependency="sattle"')).toBe(1));
  expect((await fn.app.request('/_/ready')).status).toBe(200);
  expect(await queue.depth(list)).toMatchObject({ inHand: 0 });
  up = true;
  await emptied(queue);
  expect(calls[0]).toEqual(['a1', 'b1', 'c1']);
  expect(calls[1]).toHaveLength(1);
  expect(calls.flat().every((call) => call.endsWith('1'))).toBe(true);
  expect(await metric(fn, 'nightshift_holding', 'dependency="sattle"')).toBe(0);
  expect(await queue.deadLetters(list)).toEqual([]);
});

test('what a handler throws follows its fault: dependency held, unreadable dead, anything else retried with its cause', async () => {
  const thrown: Record<string, Error> = {
    held: new Fault('NS_DEPENDENCY_UNAVAILABLE', 'no answer', { dependency: 'bucket' }),
    unreadable: new Fault('NS_RECORD_UNREADABLE', 'not FITS'),
    unexpected: new TypeError('undefined is not a function'),
  };
  const { spec, queue, push } = await queueFunction(
    async ([{ item }]) => {
      const error = thrown[item];
      if (item === 'held') delete thrown.held;
      if (error) throw error;
      return [done];
    },
    { batch: 1, attempts: 1 },
  );
  await push('held', 'unreadable', 'unexpected');
  await started(spec);
  await emptied(queue);
  const causes = (await queue.deadLetters(list)).map(({ item, cause }) => `${item}: ${cause}`);
  expect(causes.sort()).toEqual([
    'unexpected: attempt 1 of 1 failed: NS_UNEXPECTED: undefined is not a function',
    'unreadable: NS_RECORD_UNREADABLE: not FITS',
  ]);
});

test('aborts a unit at its limit and retries it, also where the handler does not listen', async () => {
  const reasons: string[] = [];
  const { spec, queue, push } = await queueFunction(
    async (_, signal) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason.code));
      return new Promise(() => {});
    },
    { limitSeconds: 0.2, attempts: 1 },
  );
  await push('slow');
  await started(spec);
  await vi.waitFor(async () => expect(await queue.deadLetters(list)).toHaveLength(1), 10_000);
  expect(reasons).toEqual(['NS_TIME_LIMIT']);
});

test('work longer than the lease keeps it by heartbeats', async () => {
  const { spec, queue, push } = await queueFunction(async (units) => {
    await sleep(1500);
    return units.map(() => done);
  });
  await push('long');
  await started(spec, { LEASE_SECONDS: '0.6' });
  for (let look = 0; look < 10; look += 1) {
    await sleep(120);
    expect(await queue.reclaim(list)).toBe(0);
  }
  await emptied(queue);
});

test('a lost lease aborts the unit, its ending changes nothing, and the item is worked again', async () => {
  const reasons: string[] = [];
  const late = (source: WorkQueue): WorkQueue => ({
    ...source,
    // The heartbeat comes when the lease has expired and was taken over.
    extend: async (...call) => {
      await sleep(500);
      await source.reclaim(list);
      return source.extend(...call);
    },
  });
  const { spec, queue, push } = await queueFunction(
    async ([{ attempt }], signal) => {
      if (attempt > 1) return [done];
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reasons.push(signal.reason.code);
      return [dead('this ending comes too late')];
    },
    { through: late },
  );
  await push('a');
  await started(spec, { LEASE_SECONDS: '0.3' });
  await emptied(queue);
  expect(reasons).toEqual(['NS_LEASE_LOST']);
  expect(await queue.deadLetters(list)).toEqual([]);
});

test('a stop abandons what is in hand and gives its attempt back', async () => {
  const reasons: string[] = [];
  const { spec, queue, push } = await queueFunction(async (_, signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    reasons.push(signal.reason.code);
    throw signal.reason;
  });
  await push('a');
  const fn = await started(spec);
  await vi.waitFor(async () => expect(await queue.depth(list)).toMatchObject({ inHand: 1 }));
  await fn.stop();
  expect(reasons).toEqual(['NS_STOPPED']);
  await vi.waitFor(async () => {
    const units = await queue.take(list, { worker: 'next', limit: 1, leaseSeconds: 9, waitSeconds: 0 });
    expect(units).toEqual([{ item: 'a', attempt: 1 }]);
  }, 5000);
});

test('the drain finishes and acknowledges what is in hand and takes nothing more', async () => {
  const begun = Promise.withResolvers<void>();
  const { spec, queue, push } = await queueFunction(
    async (units) => {
      begun.resolve();
      await sleep(300);
      return units.map(() => done);
    },
    { batch: 1 },
  );
  await push('in hand', 'behind');
  const fn = await started(spec);
  await begun.promise;
  const drained = fn.drain();
  expect((await fn.app.request('/_/ready')).status).toBe(503);
  expect((await fn.app.request('/_/health')).status).toBe(200);
  await drained;
  expect(await queue.depth(list)).toMatchObject({ waiting: 1, inHand: 0, dead: 0 });
});

test('a source that fails is held for, not crashed on', async () => {
  let failing = true;
  const flaky = (source: WorkQueue): WorkQueue => ({
    ...source,
    take: async (...call) => {
      if (!failing) return source.take(...call);
      throw new Fault('NS_DEPENDENCY_UNAVAILABLE', 'connection lost', { dependency: 'redis' });
    },
  });
  const handle: Handle = async (units) => units.map(() => done);
  const { spec, push, queue } = await queueFunction(handle, { through: flaky });
  await push('a');
  const fn = await started(spec);
  await vi.waitFor(async () => expect(await metric(fn, 'nightshift_holding', 'dependency="redis"')).toBe(1));
  expect((await fn.app.request('/_/ready')).status).toBe(200);
  failing = false;
  await emptied(queue);
  expect(await metric(fn, 'nightshift_holding', 'dependency="redis"')).toBe(0);
});

test('an idle worker says that it has nothing left to do', async () => {
  const { spec, push } = await queueFunction(async (units) => units.map(() => done));
  await push('a');
  const fn = await started(spec, { IDLE_EXIT_SECONDS: '0.5' });
  expect(await fn.finished).toMatch(/^no work for \d+ s$/);
}, 15_000);
