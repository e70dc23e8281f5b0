import type { Closable, StreamSource, StreamUnit } from 'openfaas-sdk-ts';
import type { DeadLetter } from './work-queue.ts';

/**
 * Work-stream: one stream an instrument (`instrument:{lower-case name}`), one entry a slot, a lease an entry.
 *
 * - `appendAll` writes all entries of one group or none, in one atomic step. A slot that was appended within
 *   `dedupeSeconds` (`SLOT:{instrument}:{group}:{detector}`) is not appended again.
 * - The consumer group `{lower-case instrument}_consumer_group` is created at 0 by whoever comes first.
 * - `take` counts the attempt by slot (`ATTEMPTS:{stream}`) before it hands the entry out, oldest first; a released
 *   entry is handed out when its time has come. It waits up to `waitSeconds` for the first entry.
 * - Entries are acknowledged last (`finish`), by the consumer that holds them; another one's `finish` or `extend`
 *   changes nothing and answers false.
 * - `reclaim` puts entries whose lease has expired back as new entries (and ends the old ones), so that the
 *   stream's lag, by which KEDA scales, shows them. Unread entries are never deleted.
 * - `unfinished` lists entries that are neither acknowledged nor dead, oldest first: what is still to come.
 */
export interface WorkStream extends StreamSource, Closable {
  appendAll(
    stream: string,
    entries: readonly StreamEntry[],
    options: { group: string; dedupeSeconds: number },
  ): Promise<{ appended: number; duplicates: number }>;
  reclaim(stream: string, options: { group: string }): Promise<number>;
  unfinished(stream: string, group: string): Promise<Omit<StreamUnit, 'attempt'>[]>;
  deadLetters(stream: string): Promise<DeadLetter[]>;
}

export interface StreamEntry {
  /** Slot in text form, `{instrument}/{encodeURIComponent(group)}/{detector}`. */
  readonly item: string;
  /** Flat fields in the order of the original (prompt-processing: 17 of them); the slot is derived from these. */
  readonly fields: Readonly<Record<string, string>>;
}
