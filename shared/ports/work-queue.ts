import type { Closable, QueueSource } from 'openfaas-sdk-ts';

/**
 * Work-queue: named lists of object paths (`QUEUE:{bucket}`), taken in batches under one lease a worker.
 *
 * - `push` is one atomic step a call: an item whose receipt (eTag and sequencer) was queued before is a `duplicate`;
 *   an item without an eTag (a manual trigger) is always queued, unless it waits in the list already.
 *   Pushing also keeps the original's receipt statistics (`FILE:`, `REC:`, `RECINSTR:`, `MAXSEQ:`) in the same step.
 * - `take` counts the attempt before it hands the item out, and returns items in the order of their push (FIFO),
 *   released ones when their time has come. It waits up to `waitSeconds` for the first item, not for a full batch.
 * - A worker's lease covers all it holds. Only an expired lease is taken over, by `reclaim`: its items go back to
 *   the front of the list, where KEDA sees them. The store's own clock times leases.
 * - `finish` by a worker that no longer holds the item changes nothing and answers false.
 * - A dead item stands in `DEAD:{list}` with cause, attempts and time; nothing behind it waits.
 */
export interface WorkQueue extends QueueSource, Closable {
  push(name: string, items: readonly QueueItem[]): Promise<PushOutcome[]>;
  /** Gives items of workers with an expired lease, and released items whose time has come, back to the list. */
  reclaim(name: string): Promise<number>;
  /** Puts something that never became an item (a key that names no raw) among the dead letters of a list. */
  setAside(name: string, item: string, cause: string): Promise<void>;
  deadLetters(name: string): Promise<DeadLetter[]>;
}

export interface QueueItem {
  /** Object path: `profile@bucket/key` or `bucket/key`, without `s3://`. */
  readonly item: string;
  readonly eTag?: string;
  /** Hexadecimal, monotonic per object (Ceph, S3). */
  readonly sequencer?: string;
  /** What the receipt statistics are counted by; absent: no statistics. `receivedMs` is Unix ms of the receipt. */
  readonly receipt?: {
    readonly bucket: string;
    readonly instrument: string;
    readonly obsDay: string;
    readonly seqNum?: number;
    readonly receivedMs: number;
  };
}

export type PushOutcome = 'queued' | 'duplicate';

export interface DeadLetter {
  readonly item: string;
  readonly cause: string;
  readonly attempts: number;
  /** Unix ms by the store's clock. */
  readonly atMs: number;
}
