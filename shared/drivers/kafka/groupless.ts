import type { Consumer, RecordsBatch } from '@platformatic/kafka';
import type { TopicRecord } from 'openfaas-sdk-ts';
import { type KafkaAddress, parseAddress } from './address.ts';
import { kafkaFault } from './faults.ts';

/** Bytes a fetch: some ten alerts. A larger batch of records still comes whole. */
const FETCH_BYTES = 1 << 20;
const FETCH_WAIT_MS = 500;
/** Fetches without a record, though there are some, after which Kafka does not answer. */
const MOST_EMPTY = 6;
/** Attribute of a batch of records that marks the end of a transaction and holds none of ours. */
const CONTROL = 0b100000;

/**
 * Reads records by partition and offset, as member of no group and committing nothing. Records of open or aborted
 * transactions are read too: this client cannot tell them reliably, and nobody writes our topics in transactions.
 */
export function groupless(address: KafkaAddress) {
  let opened: Promise<Consumer> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One fetch at a time: all of a client's fetches from a broker share one session, which they would confuse. */
  async function fetchNext(topic: string, partition: number, from: bigint): Promise<RecordsBatch[]> {
    opened ??= open(address);
    const client = await opened;
    const fetched = last.then(() => fetch(client, topic, partition, from));
    last = fetched.catch(() => undefined);
    return fetched;
  }

  return {
    async *read(
      topic: string,
      range: { partition: number; begin: bigint; end: bigint; signal?: AbortSignal },
    ): AsyncIterable<TopicRecord> {
      const { partition, end, signal } = range;
      let next = range.begin;
      let empty = 0;
      while (next < end && !signal?.aborted) {
        const batches = await fetchNext(topic, partition, next);
        for (const batch of batches) {
          for (const record of recordsOf(topic, partition, batch)) {
            if (record.offset >= next && record.offset < end) yield record;
          }
          // Compacted records and control batches leave gaps: what counts is where a batch ends.
          next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
        }
        empty = batches.length === 0 ? empty + 1 : 0;
        if (empty === MOST_EMPTY) {
          const what = `Reading partition ${partition} of ${topic} from ${next}`;
          throw kafkaFault(new Error(`no record came, though its end is ${end}`), what);
        }
      }
    },
    async close() {
      await (await opened)?.close(true);
    },
  };
}

async function open(address: KafkaAddress): Promise<Consumer> {
  const { brokers, sasl, ssl, clientId } = parseAddress(address);
  // Takes 0.3 s to load, which who only consumes as a group does not need.
  const { Consumer } = await import('@platformatic/kafka');
  return new Consumer({
    clientId,
    bootstrapBrokers: brokers,
    // The client insists on a name; it joins no group before it consumes.
    groupId: clientId,
    sasl,
    tls: ssl ? {} : undefined,
    connectTimeout: 2000,
    retries: 3,
    retryDelay: 500,
    maxWaitTime: FETCH_WAIT_MS,
    maxBytes: FETCH_BYTES,
  });
}

async function fetch(
  client: Consumer,
  topic: string,
  partition: number,
  from: bigint,
): Promise<RecordsBatch[]> {
  try {
    if (!client.topics.has(topic)) client.topics.track(topic);
    const known = (await client.metadata({ topics: [topic] })).topics.get(topic);
    if (!known) return [];
    const wanted = {
      partition,
      fetchOffset: from,
      partitionMaxBytes: FETCH_BYTES,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
    };
    const { responses } = await client.fetch({
      node: known.partitions[partition].leader,
      topics: [{ topicId: known.id, partitions: [wanted] }],
    });
    const found = responses.flatMap((response) => response.partitions);
    return found.find(({ partitionIndex }) => partitionIndex === partition)?.records ?? [];
  } catch (error) {
    throw kafkaFault(error, `Reading partition ${partition} of ${topic} from ${from}`);
  }
}

function recordsOf(topic: string, partition: number, batch: RecordsBatch): TopicRecord[] {
  if (batch.attributes & CONTROL) return [];
  return batch.records.map((record) => ({
    topic,
    partition,
    offset: batch.firstOffset + BigInt(record.offsetDelta),
    key: record.key,
    value: record.value ?? Buffer.alloc(0),
    headers: Object.fromEntries(record.headers.map(([name, text]) => [`${name ?? ''}`, `${text ?? ''}`])),
    timestampMs: Number(batch.firstTimestamp + record.timestampDelta),
  }));
}
