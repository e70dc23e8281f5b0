import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pino from 'pino';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { s3ObjectStore } from '#shared/drivers/s3/object-store.ts';
import { parseSources } from '#shared/wiring/element-source-file.ts';
import { openElementSources } from '#shared/wiring/element-sources.ts';
import { elementSourceContract } from '../../contracts/element-source.ts';
import { objectStoreContract } from '../../contracts/object-store.ts';
import { opened } from '../../contracts/suite.ts';
import { obtain } from '../../support/services/availability.ts';
import { startCeph } from '../../support/services/ceph.ts';
import { notifyingBucket } from '../../support/services/notifications.ts';

const service = await obtain(startCeph);
const notifying = service && (await notifyingBucket(service, 'secret'));
afterAll(async () => {
  await notifying?.close();
  await service?.close();
});

const unavailable = { code: 'NS_DEPENDENCY_UNAVAILABLE', dependency: 's3' };
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

describe.skipIf(!service)('Ceph RGW', () => {
  const credentials = {
    accessKeyId: service?.accessKeyId ?? '',
    secretAccessKey: service?.secretAccessKey ?? '',
  };
  const address = { endpoint: service?.endpoint ?? '', ...credentials };
  const sdk = { endpoint: address.endpoint, region: 'us-east-1', forcePathStyle: true };
  const client = new S3Client({ ...sdk, credentials });
  afterAll(() => client.destroy());

  objectStoreContract('Ceph RGW', {
    open: async () => s3ObjectStore({ ...address, bucket: notifying?.bucket ?? '' }),
    world: 'real',
    posted: notifying?.posted ?? [],
    // The first delivery of a new persistent topic can take half a minute.
    eventsWithinMs: 60_000,
  });

  async function freshStore() {
    const bucket = `test-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return opened(async () => s3ObjectStore({ ...address, bucket }));
  }

  elementSourceContract('Ceph RGW, a bucket with a profile', async () => {
    const store = await freshStore();
    const profile = address.endpoint.replace(
      '//',
      `//${credentials.accessKeyId}:${credentials.secretAccessKey}@`,
    );
    const environment = (name: string) => ({ LSST_RESOURCES_S3_PROFILE_vault: profile })[name];
    const declared = {
      name: 'tested',
      kind: 'bucket',
      bucket: `vault@${store.bucket}`,
      prefix: 'satf/',
    } as const;
    let given = 1000;
    return {
      async open() {
        const context = { environment, log: pino({ level: 'silent' }), functionName: 'test' };
        const { declared: opened } = await openElementSources(parseSources({ sources: [declared] }), context);
        return opened[0]!.source;
      },
      async give(text) {
        await store.put(`satf/${given++}.tle`, Buffer.from(text));
      },
      async remove() {
        for await (const { key } of store.list('')) await store.delete(key);
      },
      isConditional: true,
      canBeEmpty: true,
    };
  });

  test('a notification has the form that a site’s Ceph sends to enqueue', async () => {
    const { bucket, posted } = notifying!;
    const store = await opened(async () => s3ObjectStore({ ...address, bucket }));
    const key = `LSSTCam/${randomUUID()}/a+b 0#1.fits`;
    await store.put(key, Buffer.from('hello'));
    const found = () => posted.find((body) => JSON.stringify(body).includes(key));
    await vi.waitFor(() => expect(found()).toBeDefined(), { timeout: 60_000, interval: 100 });
    const eTag = '5d41402abc4b2a76b9719d911017c592';
    const object = { key, size: 5, eTag, sequencer: expect.stringMatching(/^[0-9A-F]{16}$/) };
    const record = { eventName: 'ObjectCreated:Put', opaqueData: 'secret' };
    expect(found()).toMatchObject({ Records: [{ ...record, s3: { bucket: { name: bucket }, object } }] });
  });

  test('keys that XML cannot hold, or that look like paths, come back whole', async () => {
    const store = await freshStore();
    const keys = ['tab\tkey', 'line\nkey', 'bell\u0007', 'a+b c%2B', './a/./b'];
    for (const key of keys) await store.put(key, Buffer.from(key));
    for (const key of keys) expect(textOf(await store.get(key))).toBe(key);
    const listed = await Array.fromAsync(store.list(''));
    expect(listed.map(({ key }) => key)).toEqual(keys.toSorted());
  });

  test('an object that another client stored has the same facts', async () => {
    const store = await freshStore();
    await client.send(new PutObjectCommand({ Bucket: store.bucket, Key: 'k', Body: 'hello' }));
    expect(await store.head('k')).toMatchObject({ size: 5, eTag: '5d41402abc4b2a76b9719d911017c592' });
  });

  test('wrong credentials are refused, and a bucket that is not there is said to be missing', async () => {
    const refused = { code: 'NS_DEPENDENCY_REFUSED', dependency: 's3' };
    const { bucket } = await freshStore();
    for (const wrong of [{ secretAccessKey: 'wrong' }, { accessKeyId: 'nobody' }]) {
      const store = await opened(async () => s3ObjectStore({ ...address, bucket, ...wrong }));
      await expect(store.put('k', Buffer.from('x'))).rejects.toMatchObject(refused);
      await expect(store.get('k')).rejects.toMatchObject(refused);
      await expect(store.head('k')).rejects.toMatchObject(refused);
      await expect(Array.fromAsync(store.list(''))).rejects.toMatchObject(refused);
      await expect(store.delete('k')).rejects.toMatchObject(refused);
    }
    const nowhere = await opened(async () => s3ObjectStore({ ...address, bucket: 'tenant:nowhere' }));
    await expect(nowhere.put('k', Buffer.from('x'))).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('no such bucket'),
    });
  });

  test.skipIf(!service?.userWithQuota)('a quota that is used up is a full store', async () => {
    const limited = await service!.userWithQuota!(100_000);
    const owner = new S3Client({ ...sdk, credentials: limited });
    const bucket = `test-${randomUUID()}`;
    await owner.send(new CreateBucketCommand({ Bucket: bucket }));
    owner.destroy();
    const store = await opened(async () => s3ObjectStore({ ...address, ...limited, bucket }));
    await store.put('small', Buffer.alloc(1000));
    const full = { code: 'NS_STORAGE_FULL', dependency: 's3' };
    await expect(store.put('large', Buffer.alloc(200_000))).rejects.toMatchObject(full);
    expect(await store.get('large')).toBeUndefined();
  });

  test.skipIf(!service?.process)('a gateway taken away is a fault, and goes on when it is back', async () => {
    const store = await freshStore();
    await store.put('k', Buffer.from('before'));
    await service!.process!.stop();
    const began = performance.now();
    await expect(store.put('k', Buffer.from('during'))).rejects.toMatchObject(unavailable);
    await expect(store.get('k')).rejects.toMatchObject(unavailable);
    await expect(store.head('k')).rejects.toMatchObject(unavailable);
    await expect(Array.fromAsync(store.list(''))).rejects.toMatchObject(unavailable);
    expect(performance.now() - began).toBeLessThan(10_000);
    await service!.process!.start();
    expect(textOf(await store.get('k'))).toBe('before');
    await store.put('k', Buffer.from('after'));
    expect(textOf(await store.get('k'))).toBe('after');
  });
});
