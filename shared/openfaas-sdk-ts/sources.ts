import type { Fault } from './faults.ts';

// What the triggers need of the outside. The project's ports fit these shapes; the SDK imports none of them.

/** How a unit taken from a queue or stream ends. `release` gives it back; `spend: false` gives its attempt back too. */
export type Ending =
  | { readonly kind: 'done' }
  | { readonly kind: 'release'; readonly afterSeconds: number; readonly spend: boolean }
  | { readonly kind: 'dead'; readonly cause: string };

/** One item of a list in hand. `attempt` counts from 1 and includes this one. */
export interface QueueUnit {
  readonly item: string;
  readonly attempt: number;
}

/** A named list whose items are taken under a worker's lease (Redis list, SQLite table, SQS queue). */
export interface QueueSource {
  take(
    name: string,
    options: {
      worker: string;
      limit: number;
      leaseSeconds: number;
      waitSeconds: number;
      signal?: AbortSignal;
    },
  ): Promise<QueueUnit[]>;
  /** Extends the worker's lease on all it has in hand; false when the lease was lost. */
  extend(name: string, options: { worker: string; leaseSeconds: number }): Promise<boolean>;
  /** Ends one item; false when the worker no longer holds it (its lease was taken over), and nothing was changed. */
  finish(name: string, options: { worker: string; item: string; ending: Ending }): Promise<boolean>;
  depth(name: string): Promise<{ waiting: number; inHand: number; dead: number }>;
}

/** One entry of a stream in hand. `item` is the stable name of the work (the slot): attempts are counted by it. */
export interface StreamUnit {
  readonly id: string;
  readonly item: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly attempt: number;
}

/** A stream read by a group of consumers, each entry under a lease of its own (Redis stream, SQLite table). */
export interface StreamSource {
  take(
    stream: string,
    options: {
      group: string;
      consumer: string;
      limit: number;
      leaseSeconds: number;
      waitSeconds: number;
      signal?: AbortSignal;
    },
  ): Promise<StreamUnit[]>;
  extend(
    stream: string,
    options: { group: string; consumer: string; id: string; leaseSeconds: number },
  ): Promise<boolean>;
  finish(
    stream: string,
    options: { group: string; consumer: string; id: string; ending: Ending },
  ): Promise<boolean>;
  depth(stream: string, group: string): Promise<{ waiting: number; inHand: number; dead: number }>;
}

/** One record of a log. Offsets are 64-bit. */
export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

/** Consecutive records of one partition, as a consumer of a group gets them. */
export interface TopicBatch {
  readonly partition: number;
  readonly records: readonly TopicRecord[];
  /** Metadata that stands beside the group's committed offset of this partition ('' where there is none). */
  readonly metadata: string;
  /** Commits `offset` (the next to read) with metadata. */
  commit(offset: bigint, metadata?: string): Promise<void>;
  /** Keeps the membership of the group alive during long work. */
  heartbeat(): Promise<void>;
}

/** A partitioned log that is read by groups with committed offsets (Kafka, SQLite table). */
export interface TopicSource {
  /** Joins `group` and calls `each` for batch after batch, one partition's batches in order, until the signal aborts. */
  consume(
    options: {
      topic: string;
      group: string;
      from: 'earliest' | 'latest';
      batch: number;
      signal: AbortSignal;
    },
    each: (batch: TopicBatch) => Promise<void>,
  ): Promise<void>;
  lag(topic: string, group: string): Promise<number>;
}

export interface NewRecord {
  readonly key?: Uint8Array | string | null;
  readonly value: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of one appended record. `duplicate`: the topic has a record of this `id` header already. */
export type Appended =
  | { readonly ok: true; readonly partition: number; readonly offset: bigint; readonly duplicate?: boolean }
  | { readonly ok: false; readonly fault: Fault };

export interface TopicSink {
  /** Appends; the answer has one outcome a record, in order. */
  append(
    topic: string,
    records: readonly NewRecord[],
    options?: { signal?: AbortSignal },
  ): Promise<Appended[]>;
}

/** A named lease, so that one replica of several does a thing. */
export interface Lease {
  readonly name: string;
  readonly token: string;
}

export interface LeaseSource {
  take(name: string, seconds: number): Promise<Lease | undefined>;
  extend(lease: Lease, seconds: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
}
