import { randomUUID } from 'node:crypto';
import { Producer } from '@platformatic/kafka';
import kafkajs from 'kafkajs';
import { isFault, type TopicRecord } from 'openfaas-sdk-ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaLogReader } from '#shared/drivers/kafka/log-reader.ts';
import { kafkaLogWriter } from '#shared/drivers/kafka/log-writer.ts';
import { commitAll, readAll } from '../../contracts/log.ts';
import { opened } from '../../contracts/suite.ts';
import { obtain } from '../../support/services/availability.ts';
import { startKafka } from '../../support/services/kafka.ts';

const service = await obtain(() => startKafka({ sasl: true }));
afterAll(() => service?.close());

const unavailable = { code: 'NS_DEPENDENCY_UNAVAILABLE', dependency: 'kafka' };
const refused = { code: 'NS_DEPENDENCY_REFUSED', dependency: 'kafka' };
const textOf = (record: TopicRecord) => Buffer.from(record.value).toString();

describe.skipIf(!service)('Kafka, beyond the contract', () => {
  const address = { brokers: service?.brokers ?? '', sasl: service?.sasl };
  const admin = new kafkajs.Kafka({
    brokers: [address.brokers],
    sasl: service?.sasl && { mechanism: 'scram-sha-512', ...service.sasl },
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());

  async function newTopic(numPartitions = 4): Promise<string> {
    const topic = `topic-${randomUUID()}`;
    await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
    return topic;
  }

  const openWriter = (own = address) => opened(async () => kafkaLogWriter(own));
  const openReader = (own = address) => opened(async () => kafkaLogReader(own));

  test('a wrong password is refused within seconds, and the right one is not', async () => {
    const topic = await newTopic();
    const wrong = { ...address, sasl: { username: 'admin', password: 'wrong' } };
    const [writer, reader] = [await openWriter(wrong), await openReader(wrong)];
    const began = performance.now();
    const [outcome] = await writer.append(topic, [{ value: 'x' }]);
    expect(outcome).toMatchObject({ ok: false, fault: refused });
    const { signal } = new AbortController();
    const consuming = reader.consume({ topic, group: 'g', from: 'earliest', batch: 1, signal }, commitAll);
    await expect(consuming).rejects.toMatchObject(refused);
    await expect(reader.partitions(topic)).rejects.toMatchObject(refused);
    expect(performance.now() - began).toBeLessThan(15_000);
    const right = await openWriter();
    expect(await right.append(topic, [{ value: 'x' }])).toMatchObject([{ ok: true }]);
  });

  test('a topic that does not exist is named, and waited for only a moment', async () => {
    const [writer, reader] = [await openWriter(), await openReader()];
    const began = performance.now();
    const [outcome] = await writer.append('nowhere', [{ value: 'x' }]);
    expect(outcome).toMatchObject({ ok: false, fault: unavailable });
    const { signal } = new AbortController();
    const consuming = reader.consume(
      { topic: 'nowhere', group: 'g', from: 'earliest', batch: 1, signal },
      commitAll,
    );
    await expect(consuming).rejects.toMatchObject(unavailable);
    expect(performance.now() - began).toBeLessThan(20_000);
    const topic = await newTopic();
    expect(await writer.append(topic, [{ value: 'x' }])).toMatchObject([{ ok: true }]);
  });

  test('of a batch that the topic’s own limit refuses, only the culprits are refused', async () => {
    const topic = await newTopic(1);
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [{ name: 'max.message.bytes', value: '100000' }],
        },
      ],
    });
    const [writer, reader] = [await openWriter(), await openReader()];
    const sizes = [10, 60_000, 200_000, 60_000, 20, 150_000, 60_000];
    const outcomes = await writer.append(
      topic,
      sizes.map((size) => ({ key: 'k', value: Buffer.alloc(size) })),
    );
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.fault.code))).toEqual(
      sizes.map((size) => (size < 100_000 ? 'ok' : 'NS_RECORD_TOO_LARGE')),
    );
    const stored = await readAll(reader, topic);
    expect(stored.map(({ value }) => value.length)).toEqual(sizes.filter((size) => size < 100_000));
  });

  test('keys go to the partitions where Java’s clients put them', async () => {
    const topic = await newTopic(7);
    const writer = await openWriter();
    const keys = ['a', 'foobar', '12345', 'LSSTCam/2025/42', 'żółć'];
    const outcomes = await writer.append(
      topic,
      keys.map((key) => ({ key, value: '' })),
    );
    const { Partitioners } = kafkajs;
    const byJava = Partitioners.DefaultPartitioner();
    const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({
      ...{ partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] },
    }));
    expect(outcomes.map((outcome) => outcome.ok && outcome.partition)).toEqual(
      keys.map((key) => byJava({ topic, partitionMetadata, message: { key, value: '' } })),
    );
  });

  test('reads what was written with any of Kafka’s codecs', async () => {
    const topic = await newTopic(1);
    const producer = new Producer({
      clientId: 'test',
      bootstrapBrokers: [address.brokers],
      sasl: service?.sasl && { mechanism: 'SCRAM-SHA-512', ...service.sasl },
    });
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
    for (const compression of codecs) {
      const value = Buffer.alloc(20_000, `${compression} `);
      await producer.send({
        messages: [
          { topic, value },
          { topic, value },
        ],
        compression,
      });
    }
    await producer.close();
    const reader = await openReader();
    const expected = codecs.flatMap((codec) => [`${codec} `, `${codec} `]);
    const begins = (records: readonly TopicRecord[]) =>
      records.map((record) => textOf(record).slice(0, textOf(record).indexOf(' ') + 1));
    expect(begins(await readAll(reader, topic))).toEqual(expected);
    const received: TopicRecord[] = [];
    const stop = new AbortController();
    await reader.consume(
      { topic, group: randomUUID(), from: 'earliest', batch: 100, signal: stop.signal },
      async ({ records }) => {
        received.push(...records);
        if (received.length >= expected.length) stop.abort();
      },
    );
    expect(begins(received)).toEqual(expected);
  });

  test('reads several partitions at once, over many fetches', async () => {
    const topic = await newTopic(3);
    const [writer, reader] = [await openWriter(), await openReader()];
    const values = Array.from({ length: 90 }, (_, n) => Buffer.alloc(100_000, `${n},`));
    await writer.append(
      topic,
      values.map((value, n) => ({ key: `${n}`, value })),
    );
    const ranges = await reader.partitions(topic);
    const read = ranges.map(({ partition }) => Array.fromAsync(reader.read(topic, { partition, from: 0n })));
    const found = (await Promise.all(read)).flat().map((record) => Number(textOf(record).split(',', 1)[0]));
    expect(found.toSorted((a, b) => a - b)).toEqual(values.map((_, n) => n));
  });

  test('what retention has taken is not read, and not lagged behind [log-retention]', async () => {
    const topic = await newTopic(1);
    const group = randomUUID();
    const [writer, reader] = [await openWriter(), await openReader()];
    await writer.append(
      topic,
      Array.from({ length: 10 }, (_, n) => ({ value: `${n}` })),
    );
    await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '2' }] });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
    expect(await reader.partitions(topic)).toEqual([{ partition: 0, begin: 6n, end: 10n }]);
    expect((await readAll(reader, topic)).map(textOf)).toEqual(['6', '7', '8', '9']);
    const read = await Array.fromAsync(reader.read(topic, { partition: 0, from: 0n, until: 8n }));
    expect(read.map(textOf)).toEqual(['6', '7']);
    expect(await reader.lag(topic, group)).toBe(4);
    const stop = new AbortController();
    const received: string[] = [];
    const options = { topic, group, from: 'latest', batch: 10, signal: stop.signal } as const;
    await reader.consume(options, async ({ records }) => {
      received.push(...records.map(textOf));
      if (received.includes('9')) stop.abort();
    });
    expect(received).toEqual(['6', '7', '8', '9']);
  });

  test('a group that began at the latest keeps that place, though it committed nothing [log-begin-at-latest]', async () => {
    const topic = await newTopic(1);
    const [writer, reader] = [await openWriter(), await openReader()];
    await writer.append(topic, [{ value: 'before' }]);
    const options = { topic, group: randomUUID(), from: 'latest', batch: 10 } as const;
    const began = new AbortController();
    const waiting = reader.consume({ ...options, signal: began.signal }, async () => {});
    await expect.poll(() => reader.lag(topic, options.group), { timeout: 20_000 }).toBe(0);
    began.abort();
    await waiting;
    await writer.append(topic, [{ value: 'while nobody listened' }]);
    const received: string[] = [];
    const stop = new AbortController();
    await reader.consume({ ...options, signal: stop.signal }, async ({ records }) => {
      received.push(...records.map(textOf));
      stop.abort();
    });
    expect(received).toEqual(['while nobody listened']);
  });

  test('who lost its partition in mid-work cannot commit, joins again and loses nothing', async () => {
    const topic = await newTopic(1);
    const group = randomUUID();
    const writer = await openWriter();
    await writer.append(topic, [{ value: '0' }, { value: '1' }]);
    const stop = new AbortController();
    const [slow, other] = [await openReader(), await openReader()];
    const received: string[] = [];
    const commits: string[] = [];
    const options = { topic, group, from: 'earliest', batch: 1, signal: stop.signal } as const;
    const slowly = slow.consume(options, async (batch) => {
      received.push(textOf(batch.records[0]));
      // The broker puts the member out as an operator would, while it works.
      if (received.length === 1) await removeMembers(group);
      const committed = await batch.commit(batch.records[0].offset + 1n).then(
        () => 'committed',
        (error: unknown) => {
          commits.push(isFault(error, 'NS_LEASE_LOST') ? 'lost' : String(error));
          throw error;
        },
      );
      commits.push(committed);
      if (received.length >= 3) stop.abort();
    });
    await slowly;
    expect(commits).toEqual(['lost', 'committed', 'committed']);
    expect(received).toEqual(['0', '0', '1']);
    expect(await other.lag(topic, group)).toBe(0);
  });

  async function removeMembers(group: string): Promise<void> {
    const client = new Producer({
      clientId: 'operator',
      bootstrapBrokers: [address.brokers],
      sasl: service?.sasl && { mechanism: 'SCRAM-SHA-512', ...service.sasl },
    });
    const { leaveGroupV5, findCoordinatorV6 } = await import('@platformatic/kafka');
    const connection = [...(await client.connectToBrokers(null)).values()][0];
    await findCoordinatorV6.api.async(connection, 0, [group]);
    const { groups } = await admin.describeGroups([group]);
    const members = groups[0].members.map(({ memberId }) => ({
      memberId,
      groupInstanceId: null,
      reason: null,
    }));
    await leaveGroupV5.api.async(connection, group, members);
    await client.close();
  }
});
