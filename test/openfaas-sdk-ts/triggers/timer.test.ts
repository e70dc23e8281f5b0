import { setTimeout as sleep } from 'node:timers/promises';
import { defineFunction, Fault } from 'openfaas-sdk-ts';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { metric, sourcesOnSqlite, started } from '../on-sqlite.ts';

async function timerFunction(tick: () => Promise<void>, everySeconds = 1) {
  const { wirings, leases } = await sourcesOnSqlite();
  const spec = defineFunction({
    name: 'timer-test',
    summary: 'Tests the timer.',
    config: z.object({}),
    ports: {},
    timer: { leases: wirings.leases, everySeconds, limitSeconds: 5, tick },
  });
  return { spec, leases };
}

test('ticks at once and then every period, in one replica of two', async () => {
  let ticks = 0;
  const { spec } = await timerFunction(async () => {
    ticks += 1;
  }, 2);
  await started(spec);
  await sleep(100);
  await started(spec);
  await sleep(1000);
  expect(ticks).toBe(1);
  await sleep(1500);
  expect(ticks).toBe(2);
});

test('a tick that fails gives its lease back, and the next one comes', async () => {
  let ticks = 0;
  const { spec } = await timerFunction(async () => {
    ticks += 1;
    if (ticks === 1) throw new Fault('NS_DEPENDENCY_UNAVAILABLE', 'no answer', { dependency: 'bucket' });
  }, 60);
  const fn = await started(spec);
  await vi.waitFor(async () => expect(await metric(fn, 'nightshift_holding', 'dependency="bucket"')).toBe(1));
  await vi.waitFor(() => expect(ticks).toBe(2), 5000);
  await vi.waitFor(async () => expect(await metric(fn, 'nightshift_holding', 'dependency="bucket"')).toBe(0));
});

test('the drain waits for the tick at work', async () => {
  let ended = false;
  const { spec } = await timerFunction(async () => {
    await sleep(300);
    ended = true;
  });
  const fn = await started(spec);
  await sleep(50);
  await fn.drain();
  expect(ended).toBe(true);
});
