import type { Consumer, RecordsBatch } from '@platformatic/kafka';
import type { TopicRecord } from 'openfaas-sdk-ts';
import { type KafkaAddress, parseAddress } from './address.ts';
import { kafkaFault } from './faults.ts';

/** Bytes a fetch: some ten alerts. A larger batch of records still comes whole. */
const FETCH_BYTES = 1 << 20;
const FETCH_WAIT_MS = 500;
/** Attribute of a batch of records that marks the end of a transaction and holds none of ours. */
const CONTROL = 0b100000;

/**
 * Reads records by partition and offset, as member of no group and committing nothing. Records of open or aborted
 * transactions are read too: this client cannot tell them reliably, and nobody writes our topics in transactions.
 */
export function groupless(address: KafkaAddress) {
  let opened: Promise<Consumer> | undefined;
  return {
    async *read(
      topic: string,
      range: { partition: number; begin: bigint; end: bigint; signal?: AbortSignal },
    ): AsyncIterable<TopicRecord> {
      const { partition, end, signal } = range;
      opened ??= open(address);
      const client = await opened;
      let next = range.begin;
      while (next < end && !signal?.aborted) {
        const batches = await fetch(client, topic, partition, next);
        if (batches.length === 0) return;
        for (const batch of batches) {
          for (const record of recordsOf(topic, partition, batch)) {
            if (record.offset >= next && record.offset < end) yield record;
          }
        }
        // Compacted records and control batches leave gaps: what counts is where the last batch ends.
        const last = batches[batches.length - 1];
        next = last.firstOffset + BigInt(last.lastOffsetDelta) + 1n;
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
