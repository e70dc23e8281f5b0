import { defineFunction, done, Fault, startFunction } from 'openfaas-sdk-ts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { metric, sourcesOnSqlite, started, wiring } from './on-sqlite.ts';

const closable = (closed: string[], name: string) => ({
  close: async () => {
    closed.push(name);
  },
});

test('opens a port and role once, opens nothing for a trigger that is not picked, and closes what it opened', async () => {
  const opened: string[] = [];
  const closed: string[] = [];
  const named = (port: string) =>
    wiring(port, async () => {
      opened.push(port);
      return closable(closed, port);
    });
  const never = wiring('topic-log', async () => {
    throw new Error('The role of a trigger that is not picked was opened.');
  });
  const spec = defineFunction({
    name: 'ports-test',
    summary: 'Tests ports.',
    config: z.object({}),
    ports: { one: named('work-queue'), same: named('work-queue'), other: named('arrivals') },
    http(app, { ports }) {
      app.get('/', (c) => c.text(String(ports.one === ports.same)));
    },
    topic: { log: never, name: 't', group: 'g', batch: 1, limitSeconds: 1, handle: async () => [done] },
  });
  const fn = await started(spec, { TRIGGERS: 'http' });
  expect(await (await fn.app.request('/')).text()).toBe('true');
  await fn.stop();
  expect([opened.sort(), closed.sort()]).toEqual([
    ['arrivals', 'work-queue'],
    ['arrivals', 'work-queue'],
  ]);
});

test('a service that is down at the start is waited for: alive, not ready, the alarm names it, requests answer 503', async () => {
  let up = false;
  const redis = wiring('work-queue', async () => {
    if (!up) throw new Fault('NS_DEPENDENCY_UNAVAILABLE', 'connection refused', { dependency: 'redis' });
    return closable([], 'redis');
  });
  const spec = defineFunction({
    name: 'down-test',
    summary: 'Tests a start without Redis.',
    config: z.object({}),
    ports: { redis },
    http: (app) => void app.get('/', (c) => c.text('hello')),
  });
  const fn = startFunction(spec, { environment: { LOG_LEVEL: 'silent' } });
  onTestFinished(() => fn.stop());
  expect((await fn.app.request('/_/health')).status).toBe(200);
  expect((await fn.app.request('/_/ready')).status).toBe(503);
  expect((await fn.app.request('/')).status).toBe(503);
  await vi.waitFor(async () => expect(await metric(fn, 'nightshift_holding', 'dependency="redis"')).toBe(1));
  up = true;
  await fn.ready();
  expect((await fn.app.request('/_/ready')).status).toBe(200);
  expect(await (await fn.app.request('/')).text()).toBe('hello');
});

test('a launch without triggers is ready and opens nothing', async () => {
  const never = wiring('arrivals', async () => {
    throw new Error('A port was opened.');
  });
  const spec = defineFunction({
    name: 'none-test',
    summary: 'Tests TRIGGERS=none.',
    config: z.object({}),
    ports: { never },
    http: (app) => void app.get('/', (c) => c.text('hello')),
  });
  const fn = await started(spec, { TRIGGERS: 'none' });
  expect((await fn.app.request('/_/ready')).status).toBe(200);
  expect((await fn.app.request('/')).status).toBe(404);
});

test('a drain in the middle of the start, while a service is waited for, ends it without a failure', async () => {
  const down = wiring('arrivals', async () => {
    throw new Fault('NS_DEPENDENCY_UNAVAILABLE', 'connection refused', { dependency: 'redis' });
  });
  const spec = defineFunction({
    name: 'drain-test',
    summary: 'Tests a drain during the start.',
    config: z.object({}),
    ports: { down },
    http: () => {},
  });
  const lines: string[] = [];
  const fn = startFunction(spec, { environment: {}, logTo: { write: (line) => void lines.push(line) } });
  await vi.waitFor(async () => expect(await metric(fn, 'nightshift_holding', 'dependency="redis"')).toBe(1));
  await fn.drain();
  expect((await fn.app.request('/')).status).toBe(503);
  await fn.stop();
  expect(lines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
});

test('is ready only after the warm-up, and cools down when it stops', async () => {
  const steps: string[] = [];
  const warm = Promise.withResolvers<void>();
  const spec = defineFunction({
    name: 'warm-test',
    summary: 'Tests warm-up.',
    config: z.object({}),
    ports: { port: wiring('arrivals', async () => closable(steps, 'port closed')) },
    http: () => {},
    async start() {
      await warm.promise;
      return async () => void steps.push('cooled');
    },
  });
  const fn = startFunction(spec, { environment: { LOG_LEVEL: 'silent' } });
  expect((await fn.app.request('/_/ready')).status).toBe(503);
  warm.resolve();
  await fn.ready();
  expect((await fn.app.request('/_/ready')).status).toBe(200);
  await fn.stop();
  expect(steps).toEqual(['cooled', 'port closed']);
  expect((await fn.app.request('/_/ready')).status).toBe(503);
});

test('a warm-up that fails for good is told to who waits', async () => {
  const spec = defineFunction({
    name: 'broken-test',
    summary: 'Tests a start that cannot be.',
    config: z.object({}),
    ports: {},
    http: () => {},
    start: async () => {
      throw new Error('no kernels');
    },
  });
  const fn = startFunction(spec, { environment: { LOG_LEVEL: 'silent' } });
  await expect(fn.ready()).rejects.toThrow('no kernels');
  await expect(fn.finished).rejects.toThrow('no kernels');
  expect((await fn.app.request('/_/ready')).status).toBe(503);
});

test('a unit longer than of-watchdog lives is refused behind it, and bare it runs', async () => {
  const { wirings } = await sourcesOnSqlite();
  const spec = defineFunction({
    name: 'long-test',
    summary: 'Tests long units.',
    config: z.object({}),
    ports: {},
    queue: {
      queue: wirings.queue,
      names: () => ['list'],
      batch: 1,
      limitSeconds: 900,
      handle: async () => [done],
    },
  });
  const environment = { LOG_LEVEL: 'silent', fprocess: 'node index.js' };
  expect(() => startFunction(spec, { environment })).toThrow('run it bare (LAUNCH=bare');
  await started(spec, { ...environment, LAUNCH: 'bare' });
  await started(spec, { ...environment, TRIGGERS: 'none' });
});
