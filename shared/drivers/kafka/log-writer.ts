import type { Appended, NewRecord } from 'openfaas-sdk-ts';
import type { LogWriter } from '../../ports/log-writer.ts';
import { effect } from '../effects.ts';
import type { KafkaAddress } from './address.ts';
import { batches, type Outgoing } from './batches.ts';
import { kafkaFault } from './faults.ts';
import { replaceableProducer, unlessAborted } from './producer.ts';

/**
 * Log-writer on Kafka: idempotent, acknowledged by all in-sync replicas, keys to partitions as Java's clients do.
 * One batch is in flight at a time, so that order holds through repetitions.
 */
export function kafkaLogWriter(address: KafkaAddress): LogWriter {
  const producer = replaceableProducer(address);
  let turn = Math.floor(Math.random() * 2 ** 16);
  let last: Promise<void> = Promise.resolve();

  async function append(
    topic: string,
    records: readonly NewRecord[],
    { signal, before }: { signal?: AbortSignal; before: Promise<void> },
  ): Promise<Appended[]> {
    const outcomes: Appended[] = [];
    try {
      await unlessAborted(() => before, signal, topic);
      const partitions = await producer.use(topic, signal, async (client) => {
        const { topics } = await client.metadata({ topics: [topic] });
        return topics.get(topic)?.partitionsCount ?? 1;
      });
      for (const batch of batches(topic, records, { partitions, turn })) {
        await sendBatch(topic, batch, { signal, outcomes });
        turn += 1;
      }
    } catch (error) {
      // What is not acknowledged now is an outcome of its records, so that the caller still learns what was.
      const fault = kafkaFault(error, `Appending to ${topic}`);
      for (const index of records.keys()) outcomes[index] ??= { ok: false, fault };
    }
    return outcomes;
  }

  /** Sends records of one partition; where they are too large together, in halves, until the culprit stands alone. */
  async function sendBatch(
    topic: string,
    batch: readonly Outgoing[],
    call: { signal?: AbortSignal; outcomes: Appended[] },
  ): Promise<void> {
    try {
      const { offsets } = await producer.use(topic, call.signal, (client) =>
        client.send({ messages: batch.map(({ message }) => message) }),
      );
      effect('log-writer.append');
      const [{ partition, offset }] = offsets ?? [];
      for (const [n, { index }] of batch.entries()) {
        call.outcomes[index] = { ok: true, partition, offset: offset + BigInt(n) };
      }
    } catch (error) {
      const fault = kafkaFault(error, `Appending to ${topic}`);
      if (fault.code !== 'NS_RECORD_TOO_LARGE' && fault.code !== 'NS_ITEM_REFUSED') throw fault;
      if (batch.length === 1) {
        call.outcomes[batch[0].index] = { ok: false, fault };
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await sendBatch(topic, batch.slice(0, half), call);
      await sendBatch(topic, batch.slice(half), call);
    }
  }

  return {
    async append(topic, records, { signal } = {}) {
      if (records.length === 0) return [];
      const before = last;
      const appended = append(topic, records, { signal, before });
      last = Promise.all([before, appended]).then(() => undefined);
      return appended;
    },
    close: () => producer.close(),
  };
}
