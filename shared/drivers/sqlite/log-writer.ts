import { createHash } from 'node:crypto';
import { type Appended, Fault, isFault, type NewRecord } from 'openfaas-sdk-ts';
import type { LogWriter } from '../../ports/log-writer.ts';
import { effect } from '../effects.ts';
import { type EmbeddedOptions, openBus } from './bus.ts';
import { type Database, write } from './database.ts';
import {
  ensurePartitions,
  type LogPartition,
  offsetOfKey,
  partitionIdOfKey,
  recordKey,
} from './log-partitions.ts';

/** Kafka's own default (`message.max.bytes`), so that what passes here passes there. */
const MAX_RECORD_BYTES = 1_048_588;
// About 5 ms a transaction; one record a transaction would cost 3-5 times as much.
const TRANSACTION_BYTES = 1 << 19;
const TRANSACTION_RECORDS = 256;

interface Encoded {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
}

/** Log-writer on bus.sqlite. A record without a key goes to the partitions in turn. */
export async function sqliteLogWriter(options: EmbeddedOptions): Promise<LogWriter> {
  const bus = await openBus(options);
  let turn = Math.floor(Math.random() * 2 ** 16);
  return {
    async append(topic, records, { signal } = {}) {
      const outcomes: Appended[] = [];
      for (const chunk of chunks(records.map(encode))) {
        outcomes.push(...(await appendChunk(bus, topic, chunk, turn, signal)));
        turn += chunk.length;
      }
      return outcomes;
    },
    async close() {
      bus.close();
    },
  };
}

/** What cannot be stored now is an outcome of its records, so that the caller still learns what was stored before. */
async function appendChunk(
  bus: Database,
  topic: string,
  chunk: readonly Encoded[],
  turn: number,
  signal: AbortSignal | undefined,
): Promise<Appended[]> {
  const refused = (fault: Fault) => chunk.map((): Appended => ({ ok: false, fault }));
  if (signal?.aborted) {
    const why = `The append to ${topic} was broken off before this record; append it again.`;
    return refused(new Fault('NS_DEPENDENCY_UNAVAILABLE', why, { dependency: 'bus.sqlite' }));
  }
  try {
    const outcomes = await write(bus, () => {
      const partitions = ensurePartitions(bus, topic);
      return chunk.map((record, n) => appendOne(bus, topic, partitions, record, turn + n));
    });
    effect('log-writer.append');
    return outcomes;
  } catch (error) {
    if (isFault(error)) return refused(error);
    throw error;
  }
}

function appendOne(
  bus: Database,
  topic: string,
  partitions: readonly LogPartition[],
  record: Encoded,
  turn: number,
): Appended {
  if (record.bytes > MAX_RECORD_BYTES) {
    const why = `A record of ${record.bytes} bytes for ${topic} is over the limit of ${MAX_RECORD_BYTES}.`;
    return { ok: false, fault: new Fault('NS_RECORD_TOO_LARGE', why) };
  }
  const { id, topicId } =
    partitions[record.key ? hash(record.key) % partitions.length : turn % partitions.length];
  const earlier = 'id' in record.headers ? placeOf(bus, topicId, record.headers.id) : undefined;
  if (earlier !== undefined) {
    const { partition } = partitions.find((one) => one.id === partitionIdOfKey(earlier))!;
    return { ok: true, partition, offset: offsetOfKey(earlier), duplicate: true };
  }
  const place = bus
    .prepare(
      `UPDATE log_partitions SET next_offset = next_offset + 1, last_ms = max(last_ms, ?) WHERE id = ?
       RETURNING partition, next_offset - 1 AS offset, last_ms`,
    )
    .get(Date.now(), id)!;
  const offset = BigInt(Number(place.offset));
  const key = recordKey(id, offset);
  bus
    .prepare('INSERT INTO log_records (id, key, value, headers, timestamp_ms) VALUES (?, ?, ?, ?, ?)')
    .run(key, record.key, record.value, JSON.stringify(record.headers), place.last_ms);
  if ('id' in record.headers) {
    bus
      .prepare('INSERT INTO log_ids (topic_id, id, record) VALUES (?, ?, ?)')
      .run(topicId, record.headers.id, key);
  }
  return { ok: true, partition: Number(place.partition), offset };
}

/** Key of the record that has this `id` header already. */
function placeOf(bus: Database, topicId: number, id: string): bigint | undefined {
  const row = bus.prepareBig('SELECT record FROM log_ids WHERE topic_id = ? AND id = ?').get(topicId, id);
  return row?.record as bigint | undefined;
}

function encode({ key = null, value, headers = {} }: NewRecord): Encoded {
  const bytesOf = (text: Uint8Array | string) => (typeof text === 'string' ? Buffer.from(text) : text);
  const encoded = { key: key === null ? null : bytesOf(key), value: bytesOf(value), headers };
  let bytes = (encoded.key?.length ?? 0) + encoded.value.length;
  for (const [name, text] of Object.entries(headers))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  return { ...encoded, bytes };
}

function* chunks(records: readonly Encoded[]): Iterable<Encoded[]> {
  let chunk: Encoded[] = [];
  let bytes = 0;
  for (const record of records) {
    const full = chunk.length === TRANSACTION_RECORDS || bytes + record.bytes > TRANSACTION_BYTES;
    if (chunk.length > 0 && full) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(record);
    bytes += record.bytes;
  }
  if (chunk.length > 0) yield chunk;
}

const hash = (key: Uint8Array): number => createHash('md5').update(key).digest().readUInt32BE(0);
