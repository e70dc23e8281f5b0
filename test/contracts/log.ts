import type { TopicBatch, TopicRecord } from 'openfaas-sdk-ts';
import type { LogReader } from '#shared/ports/log-reader.ts';
import type { LogWriter } from '#shared/ports/log-writer.ts';
import type { Open, World } from './suite.ts';

export type Log = LogReader & LogWriter;

/** What the suites of log-reader and log-writer run on. */
export interface LogSuite {
  readonly open: Open<Log>;
  readonly world: World;
  /** Name of a topic that nobody uses, with four partitions at its first use. */
  newTopic(): Promise<string>;
  /** How long a change of a group's members may take until its partitions are shared anew, ms. */
  readonly rebalanceMs: number;
}

/** All records, partition by partition. */
export async function readAll(log: LogReader, topic: string): Promise<TopicRecord[]> {
  const records: TopicRecord[] = [];
  for (const { partition, begin } of await log.partitions(topic)) {
    for await (const record of log.read(topic, { partition, from: begin })) records.push(record);
  }
  return records;
}

/** Consumes until `enough` says so of what was received so far, or for `withinMs`; commits each batch. */
export async function consumeUntil(
  log: LogReader,
  options: { topic: string; group: string; from?: 'earliest' | 'latest'; batch?: number; withinMs: number },
  enough: (received: readonly TopicRecord[]) => boolean,
  commit: (batch: TopicBatch) => Promise<void> = commitAll,
): Promise<TopicRecord[]> {
  const { topic, group, from = 'earliest', batch = 10, withinMs } = options;
  const received: TopicRecord[] = [];
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), withinMs);
  await log.consume({ topic, group, from, batch, signal: stop.signal }, async (found) => {
    received.push(...found.records);
    await commit(found);
    if (enough(received)) stop.abort();
  });
  clearTimeout(timer);
  return received;
}

/** Commits what follows the last record of a batch. */
export const commitAll = (batch: TopicBatch): Promise<void> =>
  batch.commit(batch.records[batch.records.length - 1].offset + 1n);

export const commitNothing = async (): Promise<void> => {};
