import { isFault } from 'openfaas-sdk-ts';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';

// Fills a small disk through the drivers, then makes room, and tells what happened: DATA.
const [data] = process.argv.slice(2);
const store = await fileObjectStore({ data, bucket: 'raw', createdEvents: true });
const log = await sqliteLogWriter({ data });
const codeOf = (error: unknown) => (isFault(error) ? error.code : String(error));

const stored: string[] = [];
let putCode = 'none';
for (let n = 0; putCode === 'none' && n < 100; n++) {
  const key = `${n}.fits`;
  await store.put(key, Buffer.alloc(100_000, key)).then(
    () => stored.push(key),
    (error: unknown) => {
      putCode = codeOf(error);
    },
  );
}
const records = Array.from({ length: 20 }, (_, n) => ({ value: Buffer.alloc(200_000, `${n}`) }));
const outcomes = await log.append('t', records);
const appendCodes = outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.fault.code));

const facts = await Array.fromAsync(store.list(''));
const listed = facts.map(({ key, size }) => `${key} ${size}`);
for (const key of stored.slice(0, 10)) await store.delete(key);
const again = await store.put('again.fits', Buffer.alloc(100_000)).then(() => 'stored', codeOf);
const appendedAgain = (await log.append('t', [{ value: 'x' }])).map((outcome) => outcome.ok);
process.stdout.write(`${JSON.stringify({ stored, putCode, appendCodes, listed, again, appendedAgain })}\n`);
