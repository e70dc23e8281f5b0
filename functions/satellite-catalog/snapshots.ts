import { reading } from 'openfaas-sdk-ts';
import {
  parseSnapshotEntries,
  parseSnapshotEntry,
  type SnapshotEntry,
  snapshotEntryKey,
  snapshotIndex,
  snapshotIndexKey,
} from '#shared/domain/satellites/snapshot-entry.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Seal } from '#shared/ports/seal.ts';
import type { BuiltSnapshot } from './build-work.ts';

/** The published snapshots, by their moments. */
export async function listedSnapshots(products: ObjectStore): Promise<SnapshotEntry[]> {
  const bytes = await products.get(snapshotIndexKey);
  if (!bytes) return [];
  return reading(snapshotIndexKey, () => parseSnapshotEntries(Buffer.from(bytes).toString()));
}

/**
 * Stores a snapshot: its parts, then its entry, then the index. Who dies in between leaves parts that nothing names, or
 * an entry that the next one lists: a reader sees all of a snapshot or nothing of it.
 */
export async function publish(
  { entry, publicPart, privatePart }: BuiltSnapshot,
  { products, seal }: { products: ObjectStore; seal: Seal },
): Promise<void> {
  await products.put(entry.key, publicPart, { ifAbsent: true });
  if (entry.sealed) await products.put(entry.sealed.key, seal.seal(privatePart), { ifAbsent: true });
  const bytes = Buffer.from(JSON.stringify(entry));
  await products.put(snapshotEntryKey(entry.id), bytes, { ifAbsent: true });
  await writeIndex(products);
}

/** Makes the index name every snapshot that has an entry of its own. Answers whether it lacked one. */
export async function healIndex(products: ObjectStore): Promise<boolean> {
  const listed = await listedSnapshots(products);
  const lost = await unlisted(listed, products);
  if (lost.length > 0) await writeIndex(products);
  return lost.length > 0;
}

/** Read anew just before it is written, since another may have published meanwhile. */
async function writeIndex(products: ObjectStore): Promise<void> {
  const listed = await listedSnapshots(products);
  const entries = [...listed, ...(await unlisted(listed, products))];
  await products.put(snapshotIndexKey, Buffer.from(snapshotIndex(entries)));
}

const entryPattern = new RegExp(`^${snapshotEntryKey('([\\w-]+)').replaceAll('.', '\\.')}$`);

/** Entries in the bucket that a list does not have. */
async function unlisted(listed: readonly SnapshotEntry[], products: ObjectStore): Promise<SnapshotEntry[]> {
  const known = new Set(listed.map(({ id }) => id));
  const found: SnapshotEntry[] = [];
  for await (const { key } of products.list(snapshotEntryKey('').replace(/\.json$/, ''))) {
    const id = entryPattern.exec(key)?.[1];
    if (id === undefined || id === 'index' || known.has(id)) continue;
    const bytes = await products.get(key);
    if (bytes) found.push(reading(key, () => parseSnapshotEntry(Buffer.from(bytes).toString(), key)));
  }
  return found;
}
