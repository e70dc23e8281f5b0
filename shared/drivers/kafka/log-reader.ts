import kafkajs, { type Admin, type Kafka, type SASLOptions } from 'kafkajs';
import type { LogReader } from '../../ports/log-reader.ts';
import { type KafkaAddress, parseAddress } from './address.ts';
import { registerCodecs } from './codecs.ts';
import { consume } from './consume.ts';
import { kafkaFault } from './faults.ts';
import { groupless } from './groupless.ts';

/**
 * Log-reader on Kafka: groups are read with kafkajs, which takes 2 to 5 times less CPU for small records than the
 * writer's client; records without a group are fetched with that one, since kafkajs cannot.
 */
export function kafkaLogReader(address: KafkaAddress): LogReader {
  registerCodecs();
  const kafka = connect(address);
  const admin = replaceableAdmin(kafka);
  const fetcher = groupless(address);

  const rangesOf = (topic: string) =>
    admin.ask(`Looking at ${topic}`, async (client) => {
      const partitions = await client.fetchTopicOffsets(topic);
      return partitions
        .map(({ partition, low, high }) => ({ partition, begin: BigInt(low), end: BigInt(high) }))
        .toSorted((a, b) => a.partition - b.partition);
    });

  /** Committed offset and metadata of each partition that has them. */
  const commitsOf = (topic: string, group: string) =>
    admin.ask(`Looking at the commits of ${group}`, async (client) => {
      const [{ partitions }] = await client.fetchOffsets({ groupId: group, topics: [topic] });
      const committed = partitions.filter(({ offset }) => Number(offset) >= 0);
      return new Map(
        committed.map(({ partition, offset, metadata }) => [
          partition,
          { offset: BigInt(offset), metadata: metadata ?? '' },
        ]),
      );
    });

  return {
    consume(options, each) {
      const { topic, group } = options;
      const place = { commits: () => commitsOf(topic, group), ranges: () => rangesOf(topic) };
      return consume(kafka, { ...options, ...place }, each);
    },

    async lag(topic, group) {
      const [ranges, commits] = await Promise.all([rangesOf(topic), commitsOf(topic, group)]);
      // A committed offset may lie before what retention has left.
      const behind = ranges.map(({ partition, begin, end }) => {
        const { offset } = commits.get(partition) ?? { offset: begin };
        return Number(end - larger(offset, begin));
      });
      return behind.reduce((sum, count) => sum + count, 0);
    },

    partitions: rangesOf,

    async *read(topic, { partition, from, until, signal }) {
      const found = (await rangesOf(topic)).find((range) => range.partition === partition);
      if (!found) return;
      const end = until !== undefined && until < found.end ? until : found.end;
      yield* fetcher.read(topic, { partition, begin: larger(from, found.begin), end, signal });
    },

    async offsetsAt(topic, timestampMs) {
      return admin.ask(`Looking at ${topic}`, async (client) => {
        const offsets = await client.fetchTopicOffsetsByTimestamp(topic, timestampMs);
        return offsets.map(({ partition, offset }) => ({ partition, offset: BigInt(offset) }));
      });
    },

    async close() {
      await Promise.all([admin.close(), fetcher.close()]);
    },
  };
}

const larger = (a: bigint, b: bigint): bigint => (a < b ? b : a);

function connect(address: KafkaAddress): Kafka {
  const { brokers, sasl, ssl, clientId } = parseAddress(address);
  return new kafkajs.Kafka({
    clientId,
    brokers,
    ssl,
    sasl: sasl && saslOf(sasl),
    connectionTimeout: 2000,
    requestTimeout: 10_000,
    // What goes wrong reaches the caller as a fault; nothing of ours reads another log.
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

function saslOf({ mechanism, ...user }: NonNullable<ReturnType<typeof parseAddress>['sasl']>): SASLOptions {
  switch (mechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', ...user };
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', ...user };
    case 'SCRAM-SHA-512':
      return { mechanism: 'scram-sha-512', ...user };
  }
}

/** One connection for questions, opened at the first one, and anew after it failed. */
function replaceableAdmin(kafka: Kafka) {
  let current: Promise<Admin> | undefined;
  const open = async (): Promise<Admin> => {
    const client = kafka.admin({ retry: { retries: 3 } });
    await client.connect();
    return client;
  };
  const giveUp = async () => {
    const failed = current;
    current = undefined;
    const [client] = await Promise.allSettled([failed]);
    if (client.status === 'fulfilled') await client.value?.disconnect();
  };
  return {
    async ask<T>(what: string, question: (client: Admin) => Promise<T>): Promise<T> {
      try {
        current ??= open();
        return await question(await current);
      } catch (error) {
        await giveUp();
        throw kafkaFault(error, what);
      }
    },
    close: giveUp,
  };
}
