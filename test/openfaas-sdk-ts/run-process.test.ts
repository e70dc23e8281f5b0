import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bundleHandler } from '../../templates/bundle.ts';
import { answers, ask, type Child, freePort, startBundle, startStandIn, traffic } from './watchdog.ts';
import { expectNothingLost, fedQueue } from './watched-drain.ts';

// The bundle as an image has it: one file in a folder of its own, with nothing beside it but its source map.
const folder = mkdtempSync(join(tmpdir(), 'nightshift-bundle-'));
const file = join(folder, 'index.js');
beforeAll(() => bundleHandler('process-test', 'test/openfaas-sdk-ts/process/handler.ts', file));
afterAll(() => rmSync(folder, { recursive: true }));

const seconds = { healthcheckSeconds: 4, writeTimeoutSeconds: 5 };

test('behind of-watchdog no request is lost and the unit in hand is committed, while traffic goes on', async () => {
  await expectNothingLost((environment) => startStandIn(file, { environment, ...seconds }));
}, 30_000);

async function startBare(environment: Record<string, string>): Promise<Child & { port: number }> {
  const port = await freePort();
  return { ...startBundle(file, { PORT: String(port), ...environment }), port };
}

test('bare, what was accepted is answered, the unit in hand is committed, and the process exits 0', async () => {
  const { data, queue, inHand } = await fedQueue('in hand', 'behind');
  const child = await startBare({ NIGHTSHIFT_DATA: data, UNIT_MS: '1200' });
  await answers(child.port, '/_/ready', 200);
  const going = traffic(child.port, '/slow?ms=5');
  const slow = ask(child.port, '/slow?ms=1500', 'in flight');
  await inHand();
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
  const { data, queue, inHand } = await fedQueue('in hand');
  const child = await startBare({ NIGHTSHIFT_DATA: data, UNIT_MS: '9000' });
  await inHand();
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
