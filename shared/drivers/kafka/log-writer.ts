import { compatibilityPartitioner, type MessageToProduce, Producer } from '@platformatic/kafka';
import { type Appended, Fault, type NewRecord } from 'openfaas-sdk-ts';
import type { LogWriter } from '../../ports/log-writer.ts';
import { effect } from '../effects.ts';
import { type KafkaAddress, parseAddress } from './address.ts';
import { isRefusal, isTooLarge, kafkaFault, protocolErrors } from './faults.ts';

/** A broker that is restarted takes up to 20 s (after a kill, with its log to recover). */
const RETRIES = 30;
const RETRY_DELAY_MS = 1000;
/** A topic that was made a moment ago may not be known everywhere yet. */
const UNKNOWN_TOPIC_RETRIES = 3;
/** One send is one batch of records, and a batch over the broker's `message.max.bytes` (1,048,588) is refused whole. */
const BATCH_BYTES = 1_000_000;
/** What a record costs beside its bytes, at most. */
const RECORD_OVERHEAD = 64;

type Message = MessageToProduce<Buffer, Buffer, Buffer, Buffer>;

/** A record on its way: its place in the caller's list, and what it costs in a batch. */
interface Outgoing {
  readonly index: number;
  readonly message: Message;
  readonly bytes: number;
}

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

/** A producer that is made at its first use, and given up and made anew after it failed. */
function replaceableProducer(address: KafkaAddress) {
  let current: { client: Producer; refused: Promise<never> } | undefined;
  let closing: Promise<unknown> = Promise.resolve();

  const giveUp = () => {
    const failed = current?.client;
    current = undefined;
    // It stops repeating what it has in flight. That it could not say goodbye to a broker changes nothing.
    if (failed) closing = Promise.allSettled([closing, failed.close(true)]);
  };

  return {
    async use<T>(
      topic: string,
      signal: AbortSignal | undefined,
      work: (client: Producer) => Promise<T>,
    ): Promise<T> {
      current ??= openProducer(address);
      const { client, refused } = current;
      try {
        return await unlessAborted(() => Promise.race([work(client), refused]), signal, topic);
      } catch (error) {
        if (!isTooLarge(protocolErrors(error))) giveUp();
        throw error;
      }
    },
    async close() {
      giveUp();
      await closing;
    },
  };
}

function openProducer(address: KafkaAddress) {
  const { brokers, sasl, ssl, clientId } = parseAddress(address);
  const refusal = Promise.withResolvers<never>();
  // Whoever sends hears of it; where nobody does, nobody needs to.
  refusal.promise.catch(() => undefined);
  const client = new Producer({
    clientId,
    bootstrapBrokers: brokers,
    sasl,
    tls: ssl ? {} : undefined,
    idempotent: true,
    connectTimeout: 2000,
    retries: RETRIES,
    retryDelay(_client, _operation, attempt, _retries, error) {
      // The client would go on for 30 s: it takes a refused login for a broken connection.
      const errors = protocolErrors(error);
      const unknown = errors.has('UNKNOWN_TOPIC_OR_PARTITION') && attempt > UNKNOWN_TOPIC_RETRIES;
      if (isRefusal(errors) || unknown) refusal.reject(error);
      return RETRY_DELAY_MS;
    },
  });
  return { client, refused: refusal.promise };
}

/** What is in flight when the signal aborts may or may not have been stored; what is not begun by then never is. */
async function unlessAborted<T>(
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
  topic: string,
): Promise<T> {
  const brokenOff = () => {
    const why = `The append to ${topic} was broken off before Kafka acknowledged it; append it again.`;
    return new Fault('NS_DEPENDENCY_UNAVAILABLE', why, { dependency: 'kafka', cause: signal?.reason });
  };
  if (signal?.aborted) throw brokenOff();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(brokenOff());
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/**
 * Records by partition, in batches by bytes. Without a key the records of one batch share a partition, which changes
 * from batch to batch (as Java's sticky partitioner): one partition a batch is one answer for all of it.
 */
function* batches(
  topic: string,
  records: readonly NewRecord[],
  { partitions, turn }: { partitions: number; turn: number },
): Iterable<Outgoing[]> {
  const outgoing = records.map((record, index) => outgoingOf(topic, record, index));
  const keyless = outgoing.filter(({ message }) => message.key === undefined);
  for (const [n, batch] of [...cutByBytes(keyless)].entries()) yield onto((turn + n) % partitions, batch);
  const keyed = outgoing.filter(({ message }) => message.key !== undefined);
  const byPartition = Map.groupBy(
    keyed,
    ({ message }) => compatibilityPartitioner(message, message.key) % partitions,
  );
  for (const [partition, group] of byPartition) {
    for (const batch of cutByBytes(group)) yield onto(partition, batch);
  }
}

const onto = (partition: number, batch: readonly Outgoing[]): Outgoing[] =>
  batch.map((one) => ({ ...one, message: { ...one.message, partition } }));

function* cutByBytes(records: readonly Outgoing[]): Iterable<Outgoing[]> {
  let batch: Outgoing[] = [];
  let bytes = 0;
  for (const record of records) {
    if (batch.length > 0 && bytes + record.bytes > BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += record.bytes;
  }
  if (batch.length > 0) yield batch;
}

function outgoingOf(topic: string, { key, value, headers = {} }: NewRecord, index: number): Outgoing {
  const pairs = Object.entries(headers).map(
    ([name, text]) => [Buffer.from(name), Buffer.from(text)] as const,
  );
  const message: Message = {
    topic,
    value: bytesOf(value),
    headers: new Map(pairs),
    ...(key !== undefined && key !== null && { key: bytesOf(key) }),
  };
  const sizes = [message.key, message.value, ...pairs.flat()].map((bytes) => bytes?.length ?? 0);
  return { index, message, bytes: sizes.reduce((sum, size) => sum + size, RECORD_OVERHEAD) };
}

const bytesOf = (value: Uint8Array | string): Buffer =>
  typeof value === 'string'
    ? Buffer.from(value)
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
