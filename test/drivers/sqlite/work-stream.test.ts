import { expect, test } from 'vitest';
import { sqliteWorkStream } from '#shared/drivers/sqlite/work-stream.ts';
import { opened } from '../../contracts/suite.ts';
import { workStreamContract } from '../../contracts/work-stream.ts';
import { suiteFolder } from '../../support/folders.ts';

const data = suiteFolder();
const open = () => sqliteWorkStream({ data });
workStreamContract('SQLite', open);

test('another group does not see an entry [stream-groups]', async () => {
  const work = await opened(open);
  const entries = [{ item: 'SimCam/g/0', fields: {} }];
  await work.appendAll('instrument:simcam', entries, { group: 'one', dedupeSeconds: 60 });
  const taking = { consumer: 'c', limit: 1, leaseSeconds: 30, waitSeconds: 0 };
  expect(await work.take('instrument:simcam', { ...taking, group: 'two' })).toEqual([]);
  expect(await work.take('instrument:simcam', { ...taking, group: 'one' })).toHaveLength(1);
});
