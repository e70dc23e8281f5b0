import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import {
  type Closable,
  dead,
  defineFunction,
  done,
  hold,
  retry,
  type TopicSink,
  type TopicSource,
} from 'openfaas-sdk-ts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { kafkaLogReader } from '#shared/drivers/kafka/log-reader.ts';
import { kafkaLogWriter } from '#shared/drivers/kafka/log-writer.ts';
import { metric, started, wiring } from '../../openfaas-sdk-ts/on-sqlite.ts';
import { obtain } from '../../support/services/availability.ts';
import { startKafka } from '../../support/services/kafka.ts';

const service = await obtain(startKafka);
afterAll(() => service?.close());

describe.skipIf(!service)('the topic trigger on Kafka', () => {
  const address = { brokers: service?.brokers ?? '' };
  const client = new kafkajs.Kafka({ brokers: [address.brokers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = client.admin();
  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());

  const log = wiring('topic-log', async (): Promise<TopicSource & TopicSink & Closable> => {
    const [reader, writer] = [kafkaLogReader(address), kafkaLogWriter(address)];
    const close = async () => {
      await Promise.all([reader.close(), writer.close()]);
    };
    return { ...reader, ...writer, close };
  });

  async function topics() {
    const [name, group] = [`alerts-${randomUUID()}`, `group-${randomUUID()}`];
    const made = [name, `${group}.retry`, `${group}.dead`];
    await admin.createTopics({
      topics: made.map((topic) => ({ topic, numPartitions: 2 })),
      waitForLeaders: true,
    });
    const reader = kafkaLogReader(address);
    const writer = kafkaLogWriter(address);
    const read = async (topic: string) => {
      const records = [];
      for (const { partition, begin } of await reader.partitions(topic)) {
        records.push(...(await Array.fromAsync(reader.read(topic, { partition, from: begin }))));
      }
      return records;
    };
    return { name, group, reader, writer, read };
  }

  test('retried records come back from their own topic, dead ones stand on theirs, and the offsets follow', async () => {
    const { name, group, reader, writer, read } = await topics();
    const tries: string[] = [];
    const spec = defineFunction({
      name: 'kafka-topic-test',
      summary: 'Tests the topic trigger on Kafka.',
      config: z.object({}),
      ports: {},
      topic: {
        log,
        name,
        group,
        batch: 10,
        limitSeconds: 5,
        attempts: 3,
        handle: async (records) =>
          records.map((record) => {
            const text = Buffer.from(record.value).toString();
            tries.push(`${text} ${record.headers.attempt ?? 0}`);
            if (text === 'again') return retry(1, 'not yet');
            return text === 'bad' ? dead('not an alert') : done;
          }),
      },
    });
    await writer.append(
      name,
      ['a', 'bad', 'again', 'b'].map((value) => ({ key: 'one', value })),
    );
    await started(spec);
    await vi.waitFor(async () => expect(await read(`${group}.dead`)).toHaveLength(2), 60_000);
    await vi.waitFor(async () => {
      expect(await reader.lag(name, group)).toBe(0);
      expect(await reader.lag(`${group}.retry`, `${group}.retry`)).toBe(0);
    }, 20_000);
    expect(tries.sort()).toEqual(['a 0', 'again 0', 'again 1', 'again 2', 'b 0', 'bad 0']);
    const causes = (await read(`${group}.dead`)).map(
      ({ value, headers }) => `${Buffer.from(value)}: ${headers.cause}`,
    );
    expect(causes.sort()).toEqual(['again: attempt 3 of 3 failed: not yet', 'bad: not an alert']);
    await Promise.all([reader.close(), writer.close()]);
  });

  test('a hold longer than the session keeps the partition, and a process that stops leaves the batch to the next', async () => {
    const { name, group, reader, writer } = await topics();
    let up = false;
    const seen: string[] = [];
    const spec = defineFunction({
      name: 'kafka-hold-test',
      summary: 'Tests a hold on Kafka.',
      config: z.object({}),
      ports: {},
      topic: {
        log,
        name,
        group,
        batch: 10,
        limitSeconds: 5,
        handle: async (records) =>
          records.map((record) => {
            if (!up) return hold('archive', 'connection refused');
            seen.push(Buffer.from(record.value).toString());
            return done;
          }),
      },
    });
    await writer.append(name, [{ key: 'one', value: 'a' }]);
    const first = await started(spec);
    await vi.waitFor(
      async () => expect(await metric(first, 'nightshift_holding', 'dependency="archive"')).toBe(1),
      30_000,
    );
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    expect(await reader.lag(name, group)).toBe(1);
    await first.stop();
    up = true;
    await started(spec);
    await vi.waitFor(() => expect(seen).toEqual(['a']), 30_000);
    await vi.waitFor(async () => expect(await reader.lag(name, group)).toBe(0), 10_000);
    await Promise.all([reader.close(), writer.close()]);
  });
});
