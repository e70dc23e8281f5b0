import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { sqliteWorkQueue } from '#shared/drivers/sqlite/work-queue.ts';
import { bundleHandler } from '../../templates/bundle.ts';
import { testFolder } from '../support/folders.ts';
import { answers, ask, type Child, freePort, startBundle, startWatchdog, traffic } from './watchdog.ts';

// The bundle as an image has it: one file in a folder of its own, with nothing beside it but its source map.
const folder = mkdtempSync(join(tmpdir(), 'nightshift-bundle-'));
const file = join(folder, 'index.js');
beforeAll(() => bundleHandler('process-test', 'test/openfaas-sdk-ts/process/handler.ts', file));
afterAll(() => rmSync(folder, { recursive: true }));

async function fedQueue(...items: string[]) {
  const data = testFolder();
  const queue = await sqliteWorkQueue({ data });
  onTestFinished(() => queue.close());
  const push = (...more: string[]) =>
    queue.push(
      'list',
      more.map((item) => ({ item })),
    );
  await push(...items);
  return { data, queue, push };
}

const inHand = (queue: { depth(list: string): Promise<{ inHand: number }> }) =>
  vi.waitFor(async () => expect((await queue.depth('list')).inHand).toBe(1), {
    timeout: 10_000,
    interval: 10,
  });

test('behind of-watchdog no request is lost and the unit in hand is committed, while traffic goes on', async () => {
  const { data, queue, push } = await fedQueue();
  const environment = { NIGHTSHIFT_DATA: data, UNIT_MS: '1200' };
  const dog = await startWatchdog(file, { environment, healthcheckMs: 2000, writeTimeoutMs: 3000 });
  await answers(dog.port, '/_/ready', 200);
  const going = traffic(dog.port, '/slow?ms=5');
  const slow = ask(dog.port, '/slow?ms=2500', 'in flight');
  await push('in hand', 'behind');
  await inHand(queue);
  await sleep(100);

  const terminated = dog.terminate();
  expect((await ask(dog.port, '/_/ready')).status).toBe(503);
  expect((await ask(dog.port, '/_/health')).status).toBe(503);
  await vi.waitFor(async () => expect((await ask(dog.childPort, '/_/ready')).status).toBe(503));
  const during = await ask(dog.port, '/slow?ms=1', 'sent after SIGTERM');
  await sleep(1700);
  const statuses = await going.stop();
  expect(await slow).toEqual({ status: 200, text: 'in flight' });
  await terminated;

  expect(during).toEqual({ status: 200, text: 'sent after SIGTERM' });
  expect(statuses.length).toBeGreaterThan(50);
  expect(new Set(statuses)).toEqual(new Set([200]));
  // SIGKILL is the container's end: the child did not exit by itself, which the watchdog would not survive.
  expect(await dog.child.ended).toBe('SIGKILL');
  expect(await queue.depth('list')).toEqual({ waiting: 1, inHand: 0, dead: 0 });
}, 30_000);

async function startBare(environment: Record<string, string>): Promise<Child & { port: number }> {
  const port = await freePort();
  return { ...startBundle(file, { PORT: String(port), ...environment }), port };
}

test('bare, what was accepted is answered, the unit in hand is committed, and the process exits 0', async () => {
  const { data, queue } = await fedQueue('in hand', 'behind');
  const child = await startBare({ NIGHTSHIFT_DATA: data, UNIT_MS: '1200' });
  await answers(child.port, '/_/ready', 200);
  const going = traffic(child.port, '/slow?ms=5');
  const slow = ask(child.port, '/slow?ms=1500', 'in flight');
  await inHand(queue);
  await sleep(100);
  child.process.kill('SIGTERM');
  await answers(child.port, '/_/ready', 503);
  expect(await slow).toEqual({ status: 200, text: 'in flight' });
  expect(await child.ended).toBe(0);
  await sleep(200);
  const statuses = await going.stop();
  const refused = statuses.slice(statuses.lastIndexOf(200) + 1);
  expect(new Set(statuses.slice(0, -refused.length))).toEqual(new Set([200]));
  // The kernel may have taken a connection that the process never saw when its port closed.
  expect(refused.filter((status) => status !== 'ECONNREFUSED' && status !== 'ECONNRESET')).toEqual([]);
  expect(refused).toContain('ECONNREFUSED');
  expect(await queue.depth('list')).toEqual({ waiting: 1, inHand: 0, dead: 0 });
}, 30_000);

test('bare, a second signal abandons the unit, which is given back with its attempt', async () => {
  const { data, queue } = await fedQueue('in hand');
  const child = await startBare({ NIGHTSHIFT_DATA: data, UNIT_MS: '9000' });
  await inHand(queue);
  child.process.kill('SIGTERM');
  await sleep(300);
  expect(child.process.exitCode).toBeNull();
  child.process.kill('SIGTERM');
  expect(await child.ended).toBe(0);
  await vi.waitFor(async () => {
    const taken = await queue.take('list', { worker: 'next', limit: 1, leaseSeconds: 9, waitSeconds: 0 });
    expect(taken).toEqual([{ item: 'in hand', attempt: 1 }]);
  }, 5000);
}, 30_000);

test('bare, a worker without work exits 0', async () => {
  const { data, queue } = await fedQueue('a');
  const environment = { NIGHTSHIFT_DATA: data, TRIGGERS: 'queue', IDLE_EXIT_SECONDS: '1' };
  const child = await startBare(environment);
  expect(await child.ended).toBe(0);
  expect(child.lines.some((line) => line.includes('draining: no work for'))).toBe(true);
  expect(await queue.depth('list')).toEqual({ waiting: 0, inHand: 0, dead: 0 });
}, 30_000);

test('a configuration that cannot be ends the process with one sentence', async () => {
  const child = await startBare({ UNIT_MS: 'soon' });
  expect(await child.ended).toBe(1);
  expect(child.lines).toEqual([
    "process-test cannot start: UNIT_MS (Milliseconds that a unit takes) cannot be 'soon': Invalid input: expected number, received NaN.",
  ]);
}, 30_000);

test('a bundle runs its worker threads from the same file', async () => {
  const { data } = await fedQueue();
  const child = await startBare({ NIGHTSHIFT_DATA: data });
  await answers(child.port, '/_/ready', 200);
  expect(await ask(child.port, '/double/21')).toEqual({ status: 200, text: '42' });
}, 30_000);
