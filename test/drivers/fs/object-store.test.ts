import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverCreatedEvents } from '#shared/drivers/fs/created-events.ts';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';
import { objectStoreContract } from '../../contracts/object-store.ts';
import { opened } from '../../contracts/suite.ts';
import { suiteFolder } from '../../support/folders.ts';
import { startNotifyServer } from '../../support/notify-server.ts';

const data = suiteFolder();
const open = () => fileObjectStore({ data, bucket: 'raw', createdEvents: true });

const server = await startNotifyServer();
const stop = new AbortController();
let delivering: Promise<void>;
beforeAll(async () => {
  const log = await sqliteLogWriter({ data });
  delivering = deliverCreatedEvents({
    data,
    bucket: 'raw',
    notifyUrl: server.url,
    secret: 'secret',
    log,
    topic: 'raw-notification',
    signal: stop.signal,
    warn: (sentence) => {
      throw new Error(sentence);
    },
  }).finally(() => log.close());
});
afterAll(async () => {
  stop.abort();
  await delivering;
  await server.close();
});

objectStoreContract('files', { world: 'embedded', open, posted: server.posted, eventsWithinMs: 10_000 });

test('a file that somebody copied into the folder is an object', async () => {
  const store = await opened(open);
  const folder = join(data, 'objects/raw/calibs/SimCam/0');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'bias.fits'), 'bias');
  writeFileSync(join(folder, 'README'), 'a name to which no key leads');
  const facts = await Array.fromAsync(store.list('calibs/'));
  expect(facts).toMatchObject([
    { key: 'calibs/SimCam/0/bias.fits', size: 4, eTag: '1603f79f250bd05d84dcb190bee408bc' },
  ]);
  writeFileSync(join(folder, 'bias.fits'), 'other');
  expect(await store.head('calibs/SimCam/0/bias.fits')).toMatchObject({
    size: 5,
    eTag: '795f3202b17cb6bc3d4b771d8c6c9eaf',
  });
});

test('an ordinary object is a file under its key', async () => {
  const store = await opened(open);
  await store.put('v2/alerts/169760/1.avro.gz', Buffer.from('x'));
  expect(readFileSync(join(data, 'objects/raw/v2/alerts/169760/1.avro.gz'), 'utf8')).toBe('x');
});

test('a bucket name that is a path is refused', async () => {
  for (const bucket of ['', '..', 'a/b', '.incoming']) {
    await expect(fileObjectStore({ data, bucket, createdEvents: false })).rejects.toThrow(
      /no name for an embedded bucket/,
    );
  }
});
