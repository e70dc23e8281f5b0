import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, read, write } from '../sqlite/database.ts';
import { isDead, thisProcess } from '../sqlite/owner.ts';
import { isMissing } from './file-faults.ts';
import { pathOfKey } from './object-path.ts';

/** A put in a bucket with created events, between its temporary file and its event. */
export interface PendingPut {
  /** Name of the temporary file in the folder of these. */
  readonly temporary: string;
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly eTag: string;
}

/** Below `objects/`, beside the buckets, whose names never begin with a dot. */
export const temporaryFolder = '.incoming';

/** A put takes less, however slow the disk; what is older was left by a process that cannot be asked. */
const LONGEST_PUT_MS = 60_000;

export async function beginPut(bus: Database, put: PendingPut): Promise<void> {
  await write(bus, () => {
    bus
      .prepare('INSERT INTO pending_puts VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(put.temporary, put.bucket, put.key, put.size, put.eTag, thisProcess, Date.now());
  });
}

/** Ends a put inside a write transaction: where it stored the object, its event exists from here on. */
export function endPut(bus: Database, put: PendingPut, stored: boolean): void {
  bus.prepare('DELETE FROM pending_puts WHERE temporary = ?').run(put.temporary);
  if (!stored) return;
  bus
    .prepare('INSERT INTO created_events (bucket, key, size, e_tag, at_ms) VALUES (?, ?, ?, ?, ?)')
    .run(put.bucket, put.key, put.size, put.eTag, Date.now());
}

/**
 * Settles the puts of processes that died between temporary file and event, by what stands on disk: `link` leaves
 * the object and the temporary file as one inode, `rename` takes the temporary file away. Answers how many.
 */
export async function settlePendingPuts(bus: Database, objects: string, bucket: string): Promise<number> {
  const rows = await read(bus, () => bus.prepare('SELECT * FROM pending_puts WHERE bucket = ?').all(bucket));
  const left = rows.filter(
    (row) => isDead(String(row.owner)) || Date.now() - Number(row.began_ms) > LONGEST_PUT_MS,
  );
  for (const row of left) {
    const put: PendingPut = {
      temporary: String(row.temporary),
      bucket,
      key: String(row.key),
      size: Number(row.size),
      eTag: String(row.e_tag),
    };
    const temporary = join(objects, temporaryFolder, put.temporary);
    const [draft, object] = [
      await inodeOf(temporary),
      await inodeOf(join(objects, bucket, pathOfKey(put.key))),
    ];
    const stored = object !== undefined && (draft === undefined || draft === object);
    await write(bus, () => endPut(bus, put, stored));
    if (draft !== undefined) await unlink(temporary);
  }
  return left.length;
}

/** Removes what was written by puts that died before they were pending, or in a bucket without events. */
export async function removeOldDrafts(bus: Database, objects: string): Promise<void> {
  const folder = join(objects, temporaryFolder);
  const pending = await read(bus, () => bus.prepare('SELECT temporary FROM pending_puts').all());
  const known = new Set(pending.map((row) => String(row.temporary)));
  for (const name of (await readdir(folder).catch(undefinedWhereMissing)) ?? []) {
    if (known.has(name)) continue;
    const found = await stat(join(folder, name)).catch(undefinedWhereMissing);
    if (found && Date.now() - found.mtimeMs > LONGEST_PUT_MS) {
      await unlink(join(folder, name)).catch(undefinedWhereMissing);
    }
  }
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  const found = await stat(path, { bigint: true }).catch(undefinedWhereMissing);
  return found?.ino;
}

function undefinedWhereMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}
