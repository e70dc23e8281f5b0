import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { s3ObjectStore } from '#shared/drivers/s3/object-store.ts';
import { hostileNames, opened } from '../../contracts/suite.ts';
import { obtain } from '../../support/services/availability.ts';
import { startCeph } from '../../support/services/ceph.ts';

const service = await obtain(startCeph);
afterAll(() => service?.close());

describe.skipIf(!service)('object-store on Ceph RGW, beyond the contract', () => {
  const credentials = {
    accessKeyId: service?.accessKeyId ?? '',
    secretAccessKey: service?.secretAccessKey ?? '',
  };
  const address = { endpoint: service?.endpoint ?? '', ...credentials };
  const sdk = { region: 'us-east-1', endpoint: address.endpoint, credentials, forcePathStyle: true };
  const client = new S3Client(sdk);

  async function freshStore() {
    const bucket = `test-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return opened(async () => s3ObjectStore({ ...address, bucket }));
  }

  test('keys of any kind come back whole and in the order of their bytes', async () => {
    const store = await freshStore();
    const keys = [
      ...hostileNames,
      'a//b',
      './a',
      'a/./b',
      'a/',
      'tab\tkey',
      'line\nkey',
      'bell\u0007',
      '~',
      'Ａ',
    ];
    for (const key of keys) await store.put(key, Buffer.from(key));
    for (const key of keys) expect(Buffer.from((await store.get(key))!).toString()).toBe(key);
    const listed: string[] = [];
    for await (const { key } of store.list('')) listed.push(key);
    expect(listed).toEqual(keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test('lists over several pages', async () => {
    const store = await freshStore();
    const keys = Array.from({ length: 1100 }, (_, n) => `k/${String(n).padStart(4, '0')}`);
    for (let n = 0; n < keys.length; n += 50) {
      await Promise.all(keys.slice(n, n + 50).map((key) => store.put(key, Buffer.from('x'))));
    }
    const listed: string[] = [];
    for await (const { key } of store.list('k/', { after: 'k/0049' })) listed.push(key);
    expect(listed).toEqual(keys.slice(50));
  });

  test('of twenty conditional puts at once, one stores', async () => {
    const store = await freshStore();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.put('k', Buffer.from(`${n}`), { ifAbsent: true })),
    );
    const winner = answers.findIndex(({ stored }) => stored);
    expect(answers.filter(({ stored }) => stored)).toHaveLength(1);
    expect(Buffer.from((await store.get('k'))!).toString()).toBe(`${winner}`);
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
      code: 'NS_DEPENDENCY_UNAVAILABLE',
      message: expect.stringContaining('no such bucket'),
    });
  });

  test.skipIf(!service?.userWithQuota)('a quota that is used up is a full store', async () => {
    const limited = await service!.userWithQuota!(1 << 20);
    const owner = new S3Client({ ...sdk, credentials: limited });
    const bucket = `test-${randomUUID()}`;
    await owner.send(new CreateBucketCommand({ Bucket: bucket }));
    owner.destroy();
    const store = await opened(async () => s3ObjectStore({ ...address, ...limited, bucket }));
    await store.put('small', Buffer.alloc(1000));
    await expect(store.put('large', Buffer.alloc(2 << 20))).rejects.toMatchObject({
      code: 'NS_STORAGE_FULL',
      dependency: 's3',
    });
    expect(await store.get('large')).toBeUndefined();
  });

  test('each stored object is POSTed by a bucket notification in the form that enqueue reads', async () => {
    const store = await freshStore();
    const records: { opaqueData: string; eventName: string; s3: Record<string, Record<string, unknown>> }[] =
      [];
    const server = createServer(async (request, response) => {
      const text = Buffer.concat(await Array.fromAsync(request)).toString();
      records.push(...JSON.parse(text).Records);
      response.end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    const sns = new SNSClient(sdk);
    const { TopicArn } = await sns.send(
      new CreateTopicCommand({
        Name: `topic-${randomUUID()}`,
        Attributes: {
          'push-endpoint': `http://127.0.0.1:${port}/notify`,
          OpaqueData: 'secret',
          persistent: 'true',
        },
      }),
    );
    await client.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: store.bucket,
        NotificationConfiguration: {
          TopicConfigurations: [{ Id: 'n', TopicArn, Events: ['s3:ObjectCreated:*'] }],
        },
      }),
    );
    const keys = Array.from({ length: 20 }, (_, n) => `LSSTCam/2025-04-16T07:03:14.565#${n}/a+b 0.fits`);
    for (const key of keys) await store.put(key, Buffer.from(key));
    // The first delivery of a new persistent topic can take half a minute.
    await vi.waitFor(() => expect(new Set(records.map(({ s3 }) => s3.object.key))).toEqual(new Set(keys)), {
      timeout: 60_000,
      interval: 250,
    });
    const [record] = records;
    expect(record).toMatchObject({ opaqueData: 'secret', eventName: 'ObjectCreated:Put' });
    expect(record.s3.bucket.name).toBe(store.bucket);
    expect(record.s3.object).toMatchObject({
      size: expect.any(Number),
      eTag: expect.stringMatching(/^[0-9a-f]{32}$/),
      sequencer: expect.stringMatching(/^[0-9A-F]+$/),
    });
    sns.destroy();
    server.close();
  });

  test.skipIf(!service?.process)(
    'a gateway that is taken away is a fault, and goes on when it is back',
    async () => {
      const store = await freshStore();
      await store.put('k', Buffer.from('before'));
      await service!.process!.stop();
      const unavailable = { code: 'NS_DEPENDENCY_UNAVAILABLE', dependency: 's3' };
      const began = performance.now();
      await expect(store.put('k', Buffer.from('during'))).rejects.toMatchObject(unavailable);
      await expect(store.get('k')).rejects.toMatchObject(unavailable);
      await expect(store.head('k')).rejects.toMatchObject(unavailable);
      await expect(Array.fromAsync(store.list(''))).rejects.toMatchObject(unavailable);
      expect(performance.now() - began).toBeLessThan(10_000);
      await service!.process!.start();
      expect(Buffer.from((await store.get('k'))!).toString()).toBe('before');
      await store.put('k', Buffer.from('after'));
      expect(Buffer.from((await store.get('k'))!).toString()).toBe('after');
    },
  );

  test('an object that another client stored has the same facts', async () => {
    const store = await freshStore();
    await client.send(new PutObjectCommand({ Bucket: store.bucket, Key: 'k', Body: 'hello' }));
    expect(await store.head('k')).toMatchObject({
      key: 'k',
      size: 5,
      eTag: '5d41402abc4b2a76b9719d911017c592',
    });
    client.destroy();
  });
});
