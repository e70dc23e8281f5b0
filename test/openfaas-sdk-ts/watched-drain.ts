import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, vi } from 'vitest';
import { sqliteWorkQueue } from '#shared/drivers/sqlite/work-queue.ts';
import { testFolder } from '../support/folders.ts';
import { answers, ask, traffic, type Watched } from './watchdog.ts';

/** A queue on SQLite that a process under test works off. */
export async function fedQueue(...items: string[]) {
  const data = testFolder();
  const queue = await sqliteWorkQueue({ data });
  onTestFinished(() => queue.close());
  const push = (...more: string[]) =>
    queue.push(
      'list',
      more.map((item) => ({ item })),
    );
  await push(...items);
  const inHand = () =>
    vi.waitFor(async () => expect((await queue.depth('list')).inHand).toBe(1), {
      timeout: 10_000,
      interval: 10,
    });
  return { data, queue, push, inHand };
}

/**
 * A drain behind of-watchdog under traffic: a request of 2.5 s and a unit of 1.2 s are in hand at SIGTERM, a request
 * comes every 20 ms, and nothing of it is lost.
 */
export async function expectNothingLost(
  start: (environment: Record<string, string>) => Promise<Watched>,
): Promise<void> {
  const { data, queue, push, inHand } = await fedQueue();
  const dog = await start({ NIGHTSHIFT_DATA: data, UNIT_MS: '1200' });
  await answers(dog.port, '/_/ready', 200);
  const going = traffic(dog.port, '/slow?ms=5');
  const slow = ask(dog.port, '/slow?ms=2500', 'in flight');
  await push('in hand', 'behind');
  await inHand();
  await sleep(100);

  const terminated = dog.terminate();
  await answers(dog.port, '/_/ready', 503);
  await answers(dog.port, '/_/health', 503);
  await answers(dog.childPort, '/_/ready', 503);
  const during = await ask(dog.port, '/slow?ms=1', 'sent after SIGTERM');
  // Well past the end of the drain, which a process that exits or closes its port then would not survive.
  await sleep(3500);
  const statuses = await going.stop();
  const answered = await slow;
  await terminated;

  expect(answered).toEqual({ status: 200, text: 'in flight' });
  expect(during).toEqual({ status: 200, text: 'sent after SIGTERM' });
  expect(statuses.length).toBeGreaterThan(50);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await queue.depth('list')).toEqual({ waiting: 1, inHand: 0, dead: 0 });
}
