import { setImmediate as otherWork } from 'node:timers/promises';
import type { TopicRecord } from 'openfaas-sdk-ts';
import type { LogReader } from '#shared/ports/log-reader.ts';

/** Records handled before the process does something else: at 80 KB an alert some 10 ms. */
const atOnce = 10;

/**
 * Follows a topic by its offsets: each call hands on what came since the last one, partition by partition. `newest`
 * bounds a call to about the last so many records, of which each partition is taken to hold its share (records of the
 * public topic have no key, so that writers spread them evenly).
 */
export function followTopic(
  log: LogReader,
  topic: string,
  { newest = Number.POSITIVE_INFINITY }: { newest?: number } = {},
): (each: (record: TopicRecord) => void) => Promise<void> {
  const next = new Map<number, bigint>();
  return async (each) => {
    const partitions = await log.partitions(topic);
    const share = Math.ceil(newest / partitions.length);
    for (const { partition, begin, end } of partitions) {
      const unread = next.get(partition) ?? begin;
      const from = end - unread > share ? end - BigInt(share) : unread;
      let count = 0;
      for await (const record of log.read(topic, { partition, from, until: end })) {
        each(record);
        if (++count % atOnce === 0) await otherWork();
      }
      next.set(partition, end);
    }
  };
}
