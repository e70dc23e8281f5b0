import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe } from 'vitest';
import { kafkaLogReader } from '#shared/drivers/kafka/log-reader.ts';
import { kafkaLogWriter } from '#shared/drivers/kafka/log-writer.ts';
import type { Log } from '../../contracts/log.ts';
import { logReaderContract } from '../../contracts/log-reader.ts';
import { logWriterContract } from '../../contracts/log-writer.ts';
import { obtain } from '../../support/services/availability.ts';
import { startKafka } from '../../support/services/kafka.ts';

const service = await obtain(startKafka);
afterAll(() => service?.close());

describe.skipIf(!service)('Kafka', () => {
  const address = { brokers: service?.brokers ?? '' };
  const admin = new kafkajs.Kafka({
    brokers: [address.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());

  async function newTopic(): Promise<string> {
    const topic = `topic-${randomUUID()}`;
    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true });
    return topic;
  }

  async function open(): Promise<Log> {
    const [reader, writer] = [kafkaLogReader(address), kafkaLogWriter(address)];
    const close = async () => {
      await Promise.all([reader.close(), writer.close()]);
    };
    return { ...reader, ...writer, close };
  }

  const suite = { open, newTopic, world: 'real', rebalanceMs: 20_000 } as const;
  logWriterContract('Kafka', suite);
  logReaderContract('Kafka', suite);
});
