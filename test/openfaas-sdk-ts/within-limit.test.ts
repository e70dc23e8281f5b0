import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from 'openfaas-sdk-ts';
import { withinLimit } from 'openfaas-sdk-ts/within-limit.ts';
import { expect, test } from 'vitest';

test('answers what the work answers, and throws what it throws', async () => {
  expect(await withinLimit(5, [], async () => 3)).toBe(3);
  await expect(withinLimit(5, [], async () => Promise.reject(new Error('x')))).rejects.toThrow('x');
});

test('a client that aborts at the limit is told by the limit, not by its AbortError', async () => {
  const work = (signal: AbortSignal) => sleep(5000, 1, { signal });
  await expect(withinLimit(0.05, [], work)).rejects.toMatchObject({ code: 'NS_TIME_LIMIT' });
});

test('a stop aborts with its own reason, also one that came before', async () => {
  const stop = new AbortController();
  const reason = new Fault('NS_LEASE_LOST', 'taken over');
  const work = (signal: AbortSignal) => sleep(5000, 1, { signal });
  const running = withinLimit(5, [new AbortController().signal, stop.signal], work);
  stop.abort(reason);
  await expect(running).rejects.toBe(reason);
  await expect(withinLimit(5, [stop.signal], work)).rejects.toBe(reason);
});

test('work that does not listen is given up a second after', async () => {
  const begun = performance.now();
  await expect(withinLimit(0.1, [], () => new Promise(() => {}))).rejects.toMatchObject({
    code: 'NS_TIME_LIMIT',
  });
  expect(performance.now() - begun).toBeGreaterThanOrEqual(1090);
  expect(performance.now() - begun).toBeLessThan(3000);
});
