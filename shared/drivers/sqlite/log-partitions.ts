import type { Database } from './database.ts';

/** Partitions of a topic that nobody made before its first use. */
export const DEFAULT_PARTITIONS = 4;

export interface LogPartition {
  /** Row of `log_partitions`; the upper bits of its records' keys. */
  readonly id: number;
  readonly topicId: number;
  readonly partition: number;
  /** Offset of the next record. */
  readonly end: bigint;
}

/** Key of `log_records`: 40 bits of offset below the partition's id. */
export const recordKey = (partitionId: number, offset: bigint): bigint =>
  (BigInt(partitionId) << 40n) | offset;

export const offsetOfKey = (key: bigint): bigint => BigInt.asUintN(40, key);

export const partitionIdOfKey = (key: bigint): number => Number(key >> 40n);

/** In order of their number; none where nobody has used the topic yet. */
export function partitionsOf(bus: Database, topic: string): LogPartition[] {
  return bus
    .prepare(
      `SELECT p.id, topic_id, partition, next_offset FROM log_partitions p
       JOIN log_topics t ON t.id = topic_id WHERE name = ? ORDER BY partition`,
    )
    .all(topic)
    .map((row) => ({
      id: Number(row.id),
      topicId: Number(row.topic_id),
      partition: Number(row.partition),
      end: BigInt(Number(row.next_offset)),
    }));
}

/** The same inside a write transaction: a topic is made at its first use. */
export function ensurePartitions(bus: Database, topic: string): LogPartition[] {
  const known = partitionsOf(bus, topic);
  if (known.length > 0) return known;
  const { lastInsertRowid } = bus.prepare('INSERT INTO log_topics (name) VALUES (?)').run(topic);
  for (let partition = 0; partition < DEFAULT_PARTITIONS; partition++) {
    bus
      .prepare('INSERT INTO log_partitions (topic_id, partition) VALUES (?, ?)')
      .run(lastInsertRowid, partition);
  }
  return partitionsOf(bus, topic);
}
