import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Database, read, write } from '../sqlite/database.ts';

// The eTag of an object is the MD5 of its bytes, as S3's of a simple put. It is kept for the file as it is on disk,
// and computed anew for one that was put there or changed by other means.

export const eTagOf = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** Inside a write transaction. */
export function keepTag(
  bus: Database,
  { bucket, key }: { bucket: string; key: string },
  file: BigIntStats,
  eTag: string,
): void {
  bus
    .prepare('INSERT OR REPLACE INTO object_tags VALUES (?, ?, ?, ?, ?)')
    .run(bucket, key, file.size, file.mtimeNs, eTag);
}

export async function findTag(
  bus: Database,
  object: { bucket: string; key: string },
  file: BigIntStats,
  path: string,
): Promise<string> {
  const { bucket, key } = object;
  const known = await read(bus, () =>
    bus
      .prepareBig(
        'SELECT e_tag FROM object_tags WHERE bucket = ? AND key = ? AND size = ? AND modified_ns = ?',
      )
      .get(bucket, key, file.size, file.mtimeNs),
  );
  if (known) return String(known.e_tag);
  const eTag = eTagOf(await readFile(path));
  await write(bus, () => keepTag(bus, object, file, eTag));
  return eTag;
}

export async function forgetTag(
  bus: Database,
  { bucket, key }: { bucket: string; key: string },
): Promise<void> {
  await write(bus, () => {
    bus.prepare('DELETE FROM object_tags WHERE bucket = ? AND key = ?').run(bucket, key);
  });
}
