import { expect, test } from 'vitest';
import { giveBackAll } from '#shared/drivers/sqlite/give-back.ts';
import { sqliteWorkQueue } from '#shared/drivers/sqlite/work-queue.ts';
import { sqliteWorkStream } from '#shared/drivers/sqlite/work-stream.ts';
import { testFolder } from '../../support/folders.ts';

test('what a dead tree held is taken again at once, at its first attempt, and its holder can no longer end it', async () => {
  const data = testFolder();
  const [stream, queue] = [await sqliteWorkStream({ data }), await sqliteWorkQueue({ data })];
  const [group, name] = ['simcam_consumer_group', 'instrument:simcam'];
  await stream.appendAll(name, [{ item: 'SimCam/g/0', fields: { a: '1' } }], { group, dedupeSeconds: 60 });
  await queue.push('QUEUE:raw', [{ item: 'raw/a.fits', eTag: '1', sequencer: '1' }]);
  const taking = { group, limit: 1, leaseSeconds: 600, waitSeconds: 0 };
  const inHand = { limit: 1, leaseSeconds: 600, waitSeconds: 0 };
  const [held] = await stream.take(name, { ...taking, consumer: 'dead' });
  await queue.take('QUEUE:raw', { ...inHand, worker: 'dead' });

  expect(await giveBackAll({ data })).toBe(2);
  const ending = { kind: 'done' } as const;
  expect(await stream.finish(name, { group, consumer: 'dead', id: held!.id, ending })).toBe(false);
  expect(await queue.finish('QUEUE:raw', { worker: 'dead', item: 'raw/a.fits', ending })).toBe(false);
  expect(await stream.take(name, { ...taking, consumer: 'next' })).toMatchObject([
    { item: 'SimCam/g/0', attempt: 1 },
  ]);
  expect(await queue.take('QUEUE:raw', { ...inHand, worker: 'next' })).toMatchObject([
    { item: 'raw/a.fits', attempt: 1 },
  ]);
  expect(await giveBackAll({ data })).toBe(2);
});
