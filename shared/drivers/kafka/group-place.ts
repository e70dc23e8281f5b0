import type { Consumer } from 'kafkajs';
import type { PartitionRange } from '../../ports/log-reader.ts';
import { rebalanceIn } from './faults.ts';

export type Commits = ReadonlyMap<number, { readonly offset: bigint; readonly metadata: string }>;

export interface GroupPlace {
  readonly topic: string;
  readonly from: 'earliest' | 'latest';
  /** What the group has committed, by partition. */
  commits(): Promise<Commits>;
  ranges(): Promise<PartitionRange[]>;
}

/**
 * Where a group begins is decided once. At the latest, the end that is found when a member gets a partition is
 * committed: kafkajs would look it up anew at each start until there is a commit, and skip what came meanwhile. A group
 * whose place is gone by retention goes on at the oldest record, never at the end.
 */
export function keepPlace(
  consumer: Consumer,
  { topic, from, commits, ranges }: GroupPlace,
  failed: (error: unknown) => void,
): void {
  const keep = async (assigned: readonly number[]): Promise<void> => {
    const [committed, found] = await Promise.all([commits(), ranges()]);
    for (const { partition, begin, end } of found) {
      if (!assigned.includes(partition)) continue;
      const place = committed.get(partition)?.offset;
      if (place === undefined && from === 'latest') {
        const offset = end.toString();
        await consumer.commitOffsets([{ topic, partition, offset }]);
        consumer.seek({ topic, partition, offset });
      }
      if (place !== undefined && place < begin) {
        consumer.seek({ topic, partition, offset: begin.toString() });
      }
    }
  };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    keep(payload.memberAssignment[topic] ?? []).catch((error: unknown) => {
      // Whoever gets the partition next decides it.
      if (!rebalanceIn(error)) failed(error);
    });
  });
}
