import type { Appended, Closable, TopicSink } from 'openfaas-sdk-ts';

/**
 * Log-writer: appends records to a topic, with an outcome a record.
 *
 * - `ok` means that the log acknowledged the record (Kafka: all in-sync replicas; SQLite: committed).
 * - A record that fails never takes its neighbours down: one that is too large is refused alone.
 * - Records of one call with the same key keep their order. Without a key the log chooses the partition.
 * - The embedded log refuses a second record with the same `id` header on a topic: its outcome is
 *   `duplicate` and the first one's place. Kafka cannot; the publisher reads back (docs/delivery.md).
 */
export interface LogWriter extends TopicSink, Closable {}

/** Throws the first fault of an append, so that work whose record did not get through is not acknowledged. */
export function requireAppended(outcomes: readonly Appended[]): void {
  for (const outcome of outcomes) if (!outcome.ok) throw outcome.fault;
}
