import { setTimeout as pause } from 'node:timers/promises';
import { sqliteLogReader } from '#shared/drivers/sqlite/log-reader.ts';

// A member of a group that commits each record, tells its number, and takes its time: DATA TOPIC GROUP.
const [data, topic, group] = process.argv.slice(2);
const log = await sqliteLogReader({ data });
const { signal } = new AbortController();
await log.consume({ topic, group, from: 'earliest', batch: 1, signal }, async (batch) => {
  for (const { offset, value } of batch.records) {
    await batch.commit(offset + 1n);
    process.stdout.write(`${Buffer.from(value)}\n`);
    await pause(20);
  }
});
