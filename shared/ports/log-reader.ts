import type { Closable, TopicRecord, TopicSource } from 'openfaas-sdk-ts';

/**
 * Log-reader: records of a topic by partition and offset, and the committed offsets of groups.
 *
 * - Within a partition, records come in order of their offset, each at least once: after a death the group goes on
 *   at its last committed offset. The metadata of a commit comes back with the next batch of that partition.
 * - An error thrown by `each` of `consume` ends `consume` with that error; nothing is committed for that batch.
 * - `read` needs no group and commits nothing; it ends at `until` (or at the end offset found when it began).
 */
export interface LogReader extends TopicSource, Closable {
  partitions(topic: string): Promise<PartitionRange[]>;
  read(
    topic: string,
    options: { partition: number; from: bigint; until?: bigint; signal?: AbortSignal },
  ): AsyncIterable<TopicRecord>;
  /** First offset of each partition whose record's timestamp is at or after `timestampMs`. */
  offsetsAt(topic: string, timestampMs: number): Promise<{ partition: number; offset: bigint }[]>;
}

/** Offsets that a partition holds: `begin` inclusive, `end` exclusive. */
export interface PartitionRange {
  readonly partition: number;
  readonly begin: bigint;
  readonly end: bigint;
}
