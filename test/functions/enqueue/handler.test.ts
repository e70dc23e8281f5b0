import { describe, expect, test, vi } from 'vitest';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { workQueue } from '#shared/wiring/work-queue.ts';
import enqueue from '../../../functions/enqueue/handler.ts';
import { embeddedWorld } from '../../support/embedded.ts';
import { rawFile } from '../../support/raw-files.ts';

const list = 'QUEUE:raw';
const raws = [0, 1, 2].map((detector) => rawFile({ seqNum: 1, detector }));
const record = (key: string, change = {}) => ({
  eventName: 'ObjectCreated:Put',
  eventSource: 'ceph:s3',
  s3: { bucket: { name: 'raw' }, object: { key, eTag: `e-${key}`, sequencer: '1A', size: 7 } },
  opaqueData: 'a secret of the test',
  ...change,
});

async function world(triggers = 'http') {
  const world = embeddedWorld();
  const queue = await world.open(workQueue);
  const fn = await world.start(enqueue, {
    environment: { TRIGGERS: triggers, KAFKA_TOPIC: 'raw-notification' },
  });
  const post = (body: string) =>
    fn.app.request('/notify', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  const notify = (...records: unknown[]) => post(JSON.stringify({ Records: records }));
  return { world, queue, fn, post, notify };
}

describe('POST /notify', () => {
  test('queues new raws in order and answers them as the original does', async () => {
    const { queue, notify } = await world();
    const answer = await notify(...raws.map(({ key }) => record(key)));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject(
      raws.map(({ path }) => ({ path, bucket: 'raw', seq_num: '000001' })),
    );
    const units = await queue.take(list, { worker: 'w', limit: 9, leaseSeconds: 9, waitSeconds: 0 });
    expect(units.map(({ item }) => item)).toEqual(raws.map(({ path }) => path));
  });

  test('queues a raw once, however often it is announced, and again when it is another object', async () => {
    const { queue, notify } = await world();
    await Promise.all([1, 2, 3, 4, 5].map(() => notify(record(raws[0].key))));
    expect((await queue.depth(list)).waiting).toBe(1);
    const changed = { bucket: { name: 'raw' }, object: { key: raws[0].key, eTag: 'e2', sequencer: '2B' } };
    await notify(record(raws[0].key, { s3: changed }));
    expect((await queue.depth(list)).waiting).toBe(2);
  });

  test('a bad record leaves its neighbours alone, and a key that names no raw is set aside', async () => {
    const { queue, notify } = await world();
    const bad = [record('SimCam/foo.fits'), null, { s3: {} }, record(raws[1].key, { opaqueData: 'wrong' })];
    const answer = await notify(record(raws[0].key), ...bad, record(raws[2].key));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toHaveLength(2);
    expect(await queue.depth(list)).toMatchObject({ waiting: 2, dead: 1 });
    expect(await queue.deadLetters(list)).toMatchObject([
      { item: 'raw/SimCam/foo.fits', cause: expect.stringContaining('components') },
    ]);
  });

  test('what is no raw at all, and a wrong secret, are answered with an empty list and leave nothing', async () => {
    const { queue, notify, fn } = await world();
    const others = [record('SimCam/x.json'), record(raws[0].key, { opaqueData: 'a wrong secret' })];
    const answer = await notify(...others);
    expect([answer.status, await answer.json()]).toEqual([200, []]);
    expect(await queue.depth(list)).toEqual({ waiting: 0, inHand: 0, dead: 0 });
    expect(fn.lines.some(({ why }) => why === 'wrong secret')).toBe(true);
    expect(JSON.stringify(fn.lines)).not.toContain('a wrong secret');
  });

  test.each([
    ['malformed JSON', '{"Records": [', 'NS_RECORD_UNREADABLE'],
    ['no list of records', '{"records": []}', 'NS_RECORD_UNREADABLE'],
    ['an empty body', '', 'NS_RECORD_UNREADABLE'],
  ])('%s is refused with a sentence', async (_, body, code) => {
    const { post } = await world();
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ code, detail: expect.stringContaining('The notification') });
  });

  test('an oversized body is refused before it is read', async () => {
    const { post } = await world();
    const answer = await post(JSON.stringify({ Records: [], padding: 'x'.repeat(5 * 1024 * 1024) }));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 'NS_RECORD_TOO_LARGE' });
  });
});

test('without a secret the HTTP trigger does not start', async () => {
  const start = embeddedWorld().start(enqueue, {
    environment: { TRIGGERS: 'http', NOTIFICATION_SECRET: '' },
  });
  await expect(start).rejects.toThrow(/NOTIFICATION_SECRET is missing.*notification-secret/);
});

test('the topic of the bucket’s events does the same, without a secret, and sets aside what is no notification', async () => {
  const { world: embedded, queue } = await world('topic');
  const log = await embedded.open(logWriter('s3-events'));
  const event = (key: string) => ({ value: JSON.stringify({ Records: [record(key, { opaqueData: '' })] }) });
  await log.append('raw-notification', [event(raws[0].key), { value: 'no JSON' }, event(raws[1].key)]);
  await vi.waitFor(async () => expect((await queue.depth(list)).waiting).toBe(2), 10_000);
  const units = await queue.take(list, { worker: 'w', limit: 9, leaseSeconds: 9, waitSeconds: 0 });
  expect(units.map(({ item }) => item).sort()).toEqual([raws[0].path, raws[1].path]);
});
