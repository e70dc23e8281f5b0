import { z } from 'zod';
import type { BundlePacket } from '#shared/domain/alert/bundle.ts';
import type { LogReader, PartitionRange } from '#shared/ports/log-reader.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { sentKey } from './core.ts';

const sentNote = z.array(z.object({ partition: z.int(), end: z.string().transform(BigInt) }));

interface Question {
  readonly products: ObjectStore;
  readonly publicReader: LogReader;
  readonly topic: string;
  readonly bundle: string;
  readonly packets: readonly BundlePacket[];
  readonly signal: AbortSignal;
}

/**
 * Ids of this bundle that an earlier attempt has put on the topic. The first attempt notes the topic's end offsets
 * beside the bundle before it sends anything; a later one finds the note, and reads the topic from there.
 */
export async function idsSentBefore(question: Question): Promise<Set<bigint>> {
  const { products, publicReader, topic, bundle, packets, signal } = question;
  const now = await publicReader.partitions(topic);
  const note = JSON.stringify(now.map(({ partition, end }) => ({ partition, end: end.toString() })));
  const { stored } = await products.put(sentKey(bundle), Buffer.from(note), { ifAbsent: true, signal });
  if (stored) return new Set();
  const found = await products.get(sentKey(bundle), { signal });
  const starts = new Map(
    sentNote.parse(JSON.parse(Buffer.from(found ?? []).toString())).map((p) => [p.partition, p.end]),
  );
  const wanted = new Set(packets.map((packet) => packet.diaSourceId.toString()));
  const perPartition = await Promise.all(
    now.map((range) => idsIn(question, range, starts.get(range.partition), wanted)),
  );
  return new Set(perPartition.flat());
}

async function idsIn(
  { publicReader, topic, signal }: Question,
  range: PartitionRange,
  start: bigint | undefined,
  wanted: ReadonlySet<string>,
): Promise<bigint[]> {
  const ids: bigint[] = [];
  const from = start ?? range.begin;
  if (from >= range.end) return ids;
  const records = publicReader.read(topic, { partition: range.partition, from, until: range.end, signal });
  for await (const { headers } of records)
    if (headers.id && wanted.has(headers.id)) ids.push(BigInt(headers.id));
  return ids;
}
