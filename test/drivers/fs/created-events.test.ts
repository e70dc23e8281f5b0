import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseNotification, parseRecords } from '#shared/domain/ingest/notification.ts';
import { deliverCreatedEvents } from '#shared/drivers/fs/created-events.ts';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { beginPut } from '#shared/drivers/fs/pending-puts.ts';
import { openBus } from '#shared/drivers/sqlite/bus.ts';
import { sqliteLogReader } from '#shared/drivers/sqlite/log-reader.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';
import { readAll } from '../../contracts/log.ts';
import { opened } from '../../contracts/suite.ts';
import { testFolder } from '../../support/folders.ts';
import { startNotifyServer } from '../../support/notify-server.ts';
import { ended, startProcess } from '../../support/processes.ts';

/** A data folder with its raw bucket, an endpoint for its events, and what the bucket's topic holds. */
async function fresh() {
  const data = testFolder();
  const store = await opened(() => fileObjectStore({ data, bucket: 'raw', createdEvents: true }));
  const bus = await openBus({ data });
  const server = await startNotifyServer();
  const log = await opened(() => sqliteLogWriter({ data }));
  const reader = await opened(() => sqliteLogReader({ data }));
  onTestFinished(async () => {
    bus.close();
    await server.close();
  });
  const warnings: string[] = [];

  /** Delivers until `enough` holds. */
  async function deliverUntil(enough: () => void | Promise<void>) {
    const stop = new AbortController();
    const delivering = deliverCreatedEvents({
      data,
      bucket: 'raw',
      notifyUrl: server.url,
      secret: 'the secret',
      log,
      topic: 'raw-notification',
      signal: stop.signal,
      warn: (sentence) => warnings.push(sentence),
    });
    await vi.waitFor(enough, { timeout: 20_000, interval: 20 });
    stop.abort();
    await delivering;
  }
  const keysPosted = () => server.posted.flatMap(parseRecords).map(({ event }) => event?.key);
  const keysLogged = async () =>
    (await readAll(reader, 'raw-notification'))
      .flatMap(({ value }) => parseNotification(value))
      .map(({ key }) => key);
  const eventsLeft = () => Number(bus.prepare('SELECT count(*) AS n FROM created_events').get()?.n);
  const putsLeft = () => Number(bus.prepare('SELECT count(*) AS n FROM pending_puts').get()?.n);
  return { data, store, server, warnings, deliverUntil, keysPosted, keysLogged, eventsLeft, putsLeft };
}

test('sends a record of the form of Ceph, to enqueue and to the topic', async () => {
  const { store, server, deliverUntil, keysLogged, eventsLeft } = await fresh();
  await store.put('LSSTCam/a b+c#1.fits', Buffer.from('pixels'));
  await deliverUntil(() => expect(eventsLeft()).toBe(0));
  expect(await keysLogged()).toEqual(['LSSTCam/a b+c#1.fits']);
  expect(server.posted).toMatchObject([
    {
      Records: [
        {
          eventVersion: '2.2',
          eventSource: 'ceph:s3',
          awsRegion: '',
          eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          eventName: 'ObjectCreated:Put',
          s3: {
            bucket: { name: 'raw' },
            object: {
              key: 'LSSTCam/a b+c#1.fits',
              size: 6,
              eTag: 'd399848208da8b80a306af0fd62bb03f',
              sequencer: '0000000001000000',
            },
          },
          opaqueData: 'the secret',
        },
      ],
    },
  ]);
});

test('an endpoint that refuses one event does not hold the others up, and gets it when it takes it', async () => {
  const { store, server, warnings, deliverUntil, keysPosted, eventsLeft } = await fresh();
  server.answer = (body) => (JSON.stringify(body).includes('poison') ? 500 : 200);
  await store.put('poison.fits', Buffer.from('x'));
  for (let n = 0; n < 50; n++) await store.put(`${n}.fits`, Buffer.from('x'));
  await deliverUntil(() => {
    expect(new Set(keysPosted()).size).toBe(50);
    expect(eventsLeft()).toBe(1);
  });
  expect(warnings[0]).toMatch(/created event of raw\/poison.fits will be tried again: .* answered 500/);
  server.answer = () => 200;
  await deliverUntil(() => expect(eventsLeft()).toBe(0));
  expect(keysPosted()).toContain('poison.fits');
});

test('while the endpoint is away events wait, each is in the topic once, and go when it is back', async () => {
  const { store, server, deliverUntil, keysPosted, keysLogged, eventsLeft } = await fresh();
  server.answer = () => 503;
  for (let n = 0; n < 40; n++) await store.put(`${n}.fits`, Buffer.from('x'));
  let attempts = 0;
  await deliverUntil(async () => {
    server.answer = () => {
      attempts += 1;
      return 503;
    };
    expect((await keysLogged()).length).toBeGreaterThan(0);
    await pause(1000);
  });
  expect(eventsLeft()).toBe(40);
  // At most a window of events, then single probes with growing pauses.
  expect(attempts).toBeLessThan(45);
  server.answer = () => 200;
  await deliverUntil(() => expect(eventsLeft()).toBe(0));
  expect(new Set(keysPosted()).size).toBe(40);
  expect((await keysLogged()).toSorted()).toEqual(
    Array.from({ length: 40 }, (_, n) => `${n}.fits`).toSorted(),
  );
});

test('a bucket without created events has none', async () => {
  const { data, eventsLeft, putsLeft } = await fresh();
  const products = await opened(() => fileObjectStore({ data, bucket: 'products', createdEvents: false }));
  await products.put('a', Buffer.from('x'));
  expect([eventsLeft(), putsLeft()]).toEqual([0, 0]);
});

const put = (data: string, crash: string, ...args: string[]) =>
  ended(
    startProcess(join(import.meta.dirname, 'processes/put.ts'), [data, ...args], { NIGHTSHIFT_CRASH: crash }),
  );

for (const mode of [[], ['ifAbsent']]) {
  const how = mode.length > 0 ? 'conditional ' : '';

  test(`a ${how}put killed before the object is in place leaves nothing`, async () => {
    const { data, store, deliverUntil, eventsLeft, putsLeft } = await fresh();
    expect(await put(data, 'object-store.put.pending#1', 'a.fits', 'x', ...mode)).toBe('SIGKILL');
    expect(putsLeft()).toBe(1);
    await deliverUntil(() => expect(putsLeft()).toBe(0));
    expect(await store.get('a.fits')).toBeUndefined();
    expect(eventsLeft()).toBe(0);
    expect(readdirSync(join(data, 'objects/.incoming'))).toEqual([]);
  });

  test(`a ${how}put killed before its event is there is announced all the same`, async () => {
    const { data, store, server, deliverUntil, eventsLeft, keysPosted, keysLogged } = await fresh();
    expect(await put(data, 'object-store.put#1', 'a.fits', 'x', ...mode)).toBe('SIGKILL');
    expect(String(await store.get('a.fits'))).toBe('x');
    await deliverUntil(() => {
      expect(keysPosted()).toEqual(['a.fits']);
      expect(eventsLeft()).toBe(0);
    });
    expect(await keysLogged()).toEqual(['a.fits']);
    expect(JSON.stringify(server.posted)).toContain('"eTag":"9dd4e461268c8034f5c8564e155c67a6"');
    expect(readdirSync(join(data, 'objects/.incoming'))).toEqual([]);
  });
}

test('a conditional put that came second and was killed is not announced', async () => {
  const { data, store, deliverUntil, eventsLeft, putsLeft, keysPosted } = await fresh();
  await store.put('a.fits', Buffer.from('first'));
  await deliverUntil(() => expect(eventsLeft()).toBe(0));
  expect(await put(data, 'object-store.put.pending#1', 'a.fits', 'second', 'ifAbsent')).toBe('SIGKILL');
  await deliverUntil(() => expect(putsLeft()).toBe(0));
  expect(String(await store.get('a.fits'))).toBe('first');
  expect(keysPosted()).toHaveLength(1);
});

test('a put in hand of a living process is left alone', async () => {
  const { data, deliverUntil, eventsLeft, putsLeft } = await fresh();
  const bus = await openBus({ data });
  onTestFinished(() => bus.close());
  await beginPut(bus, { temporary: 't', bucket: 'raw', key: 'a.fits', size: 1, eTag: 'e' });
  await deliverUntil(() => pause(300));
  expect([eventsLeft(), putsLeft()]).toEqual([0, 1]);
});
