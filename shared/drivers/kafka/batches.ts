import { compatibilityPartitioner, type MessageToProduce } from '@platformatic/kafka';
import type { NewRecord } from 'openfaas-sdk-ts';

/** One send is one batch of records, and a batch over the broker's `message.max.bytes` (1,048,588) is refused whole. */
const BATCH_BYTES = 1_000_000;
/** What a record costs beside its bytes, at most. */
const RECORD_OVERHEAD = 64;

type Message = MessageToProduce<Buffer, Buffer, Buffer, Buffer>;

/** A record on its way: its place in the caller's list, and what it costs in a batch. */
export interface Outgoing {
  readonly index: number;
  readonly message: Message;
  readonly bytes: number;
}

/**
 * Records by partition, in batches by bytes. Without a key the records of one batch share a partition, which changes
 * from batch to batch (as Java's sticky partitioner): one partition a batch is one answer for all of it.
 */
export function* batches(
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
