import type { TopicRecord } from 'openfaas-sdk-ts';
import type { LogReader } from '#shared/ports/log-reader.ts';

/** Every record of a topic as it stands now. */
export async function* allRecords(log: LogReader, topic: string): AsyncGenerator<TopicRecord> {
  for (const { partition, begin, end } of await log.partitions(topic)) {
    for await (const record of log.read(topic, { partition, from: begin, until: end })) yield record;
  }
}
