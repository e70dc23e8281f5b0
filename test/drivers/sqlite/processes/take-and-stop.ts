import { sqliteWorkQueue } from '#shared/drivers/sqlite/work-queue.ts';

// A worker that takes one item, and by NIGHTSHIFT_CRASH may die of any step: DATA LIST.
const [data, list] = process.argv.slice(2);
const queue = await sqliteWorkQueue({ data });
const [{ item }] = await queue.take(list, {
  worker: 'child',
  limit: 1,
  leaseSeconds: 1,
  waitSeconds: 5,
});
await queue.finish(list, { worker: 'child', item, ending: { kind: 'done' } });
await queue.close();
