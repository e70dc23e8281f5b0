import { randomUUID } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { TopicBatch, TopicRecord } from 'openfaas-sdk-ts';
import type { LogReader } from '../../ports/log-reader.ts';
import { effect } from '../effects.ts';
import { type EmbeddedOptions, openBus } from './bus.ts';
import { type Database, read, waitFor, write } from './database.ts';
import { beginAtEnd, commit, committed, leave, type Membership, renew, shareOut } from './log-group.ts';
import {
  ensurePartitions,
  type LogPartition,
  offsetOfKey,
  partitionsOf,
  recordKey,
} from './log-partitions.ts';

export interface SqliteLogReaderOptions extends EmbeddedOptions {
  /** How long a member keeps its partitions without a batch or heartbeat (default 30, as Kafka's clients). */
  readonly sessionSeconds?: number;
}

/** Records a page: at 80 KB an alert about 8 MB and 10 ms. */
const PAGE_RECORDS = 100;

/** Log-reader on bus.sqlite. A topic is made at its first use, so that it can be waited for. */
export async function sqliteLogReader(options: SqliteLogReaderOptions): Promise<LogReader> {
  const bus = await openBus(options);
  const sessionMs = (options.sessionSeconds ?? 30) * 1000;
  return {
    consume: ({ topic, group, from, batch, signal }, each) =>
      consume(bus, { topic, group, member: randomUUID(), sessionMs }, { from, batch, signal }, each),

    async lag(topic, group) {
      return read(bus, () =>
        partitionsOf(bus, topic).reduce(
          (sum, { id, end }) => sum + Number(end - committed(bus, group, id).offset),
          0,
        ),
      );
    },

    async partitions(topic) {
      const partitions = await write(bus, () => ensurePartitions(bus, topic));
      return partitions.map(({ partition, end }) => ({ partition, begin: 0n, end }));
    },

    async *read(topic, { partition, from, until, signal }) {
      const found = partitionsOf(bus, topic).find((one) => one.partition === partition);
      if (!found) return;
      const end = until !== undefined && until < found.end ? until : found.end;
      let next = from;
      while (next < end && !signal?.aborted) {
        const limit = Math.min(PAGE_RECORDS, Number(end - next));
        const page = await read(bus, () => recordsFrom(bus, topic, found, next, limit));
        yield* page;
        await breathe();
        next += BigInt(page.length);
      }
    },

    async offsetsAt(topic, timestampMs) {
      return read(bus, () =>
        partitionsOf(bus, topic).map((one) => ({
          partition: one.partition,
          offset: firstAt(bus, one, timestampMs),
        })),
      );
    },

    async close() {
      bus.close();
    },
  };
}

async function consume(
  bus: Database,
  membership: Membership,
  { from, batch, signal }: { from: 'earliest' | 'latest'; batch: number; signal: AbortSignal },
  each: (batch: TopicBatch) => Promise<void>,
): Promise<void> {
  const { topic, group, sessionMs } = membership;
  const partitions = await write(bus, () => {
    const all = ensurePartitions(bus, topic);
    if (from === 'latest') beginAtEnd(bus, group, all);
    return all;
  });
  /** Next offset to read of each partition that is ours, the longest unserved first. */
  let positions = new Map<LogPartition, bigint>();
  let shareAt = 0;
  try {
    while (!signal.aborted) {
      if (performance.now() >= shareAt) {
        const before = positions;
        positions = await write(bus, () => {
          const ours = shareOut(bus, membership, partitions);
          const kept = [...before].filter(([one]) => ours.includes(one));
          const gained = ours.filter((one) => !before.has(one));
          return new Map([
            ...kept,
            ...gained.map((one) => [one, committed(bus, group, one.id).offset] as const),
          ]);
        });
        shareAt = performance.now() + Math.min(1000, sessionMs / 3);
      }
      const waitSeconds = Math.max(0, shareAt - performance.now()) / 1000;
      const found = await waitFor(bus, { waitSeconds, signal }, () =>
        read(bus, () => nextRecords(bus, topic, positions, batch)),
      );
      if (!found) continue;
      const { partition, records } = found;
      await each(batchOf(bus, membership, partition, records));
      positions.delete(partition);
      positions.set(partition, records[records.length - 1].offset + 1n);
    }
  } finally {
    await write(bus, () => leave(bus, membership));
  }
}

function nextRecords(
  bus: Database,
  topic: string,
  positions: ReadonlyMap<LogPartition, bigint>,
  limit: number,
) {
  for (const [partition, offset] of positions) {
    const records = recordsFrom(bus, topic, partition, offset, limit);
    if (records.length > 0) return { partition, records };
  }
  return undefined;
}

function batchOf(
  bus: Database,
  membership: Membership,
  partition: LogPartition,
  records: readonly TopicRecord[],
): TopicBatch {
  return {
    partition: partition.partition,
    records,
    metadata: committed(bus, membership.group, partition.id).metadata,
    async commit(offset, metadata = '') {
      await write(bus, () => {
        commit(bus, membership, partition, offset, metadata);
        renew(bus, membership, partition.topicId);
      });
      effect('log-reader.commit');
    },
    heartbeat: () => write(bus, () => renew(bus, membership, partition.topicId)),
  };
}

function recordsFrom(
  bus: Database,
  topic: string,
  { id, partition }: LogPartition,
  from: bigint,
  limit: number,
): TopicRecord[] {
  return bus
    .prepareBig(
      'SELECT id, key, value, headers, timestamp_ms FROM log_records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?',
    )
    .all(recordKey(id, from), recordKey(id + 1, 0n), limit)
    .map((row) => ({
      topic,
      partition,
      offset: offsetOfKey(row.id as bigint),
      key: row.key as Uint8Array | null,
      value: row.value as Uint8Array,
      headers: JSON.parse(row.headers as string),
      timestampMs: Number(row.timestamp_ms),
    }));
}

/** Timestamps never go back within a partition and offsets have no gaps, so that 40 steps find the place. */
function firstAt(bus: Database, { id, end }: LogPartition, timestampMs: number): bigint {
  const statement = bus.prepare('SELECT timestamp_ms FROM log_records WHERE id = ?');
  let [low, high] = [0n, end];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (Number(statement.get(recordKey(id, middle))?.timestamp_ms) < timestampMs) low = middle + 1n;
    else high = middle;
  }
  return low;
}
