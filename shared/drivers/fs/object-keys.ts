import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './file-faults.ts';
import { decode, partOfName, pathOfKey, refusalOf } from './object-path.ts';

/** Keys of a bucket's folder that begin with `prefix` and come after `after`, in order of their UTF-8 bytes. */
export async function* keysBelow(
  folder: string,
  { prefix, after }: { prefix: string; after?: string },
): AsyncIterable<{ key: string; path: string }> {
  const isWanted = (key: string) =>
    key.startsWith(prefix) && (after === undefined || compare(key, after) > 0);
  const mayHoldWanted = (base: string) =>
    (base.startsWith(prefix) || prefix.startsWith(base)) &&
    (after === undefined || after.startsWith(base) || compare(base, after) > 0);

  async function* below(path: string, base: string): AsyncIterable<{ key: string; path: string }> {
    const entries = await segmentsIn(folder, path, '');
    const ordered = entries
      .map(({ text, isFolder, ...entry }) => ({
        ...entry,
        isFolder,
        key: base + text + (isFolder ? '/' : ''),
      }))
      .sort((a, b) => compare(a.key, b.key));
    for (const entry of ordered) {
      if (entry.isFolder) {
        if (mayHoldWanted(entry.key)) yield* below(entry.path, entry.key);
      } else if (isWanted(entry.key) && isObject(entry.key, entry.path)) {
        yield { key: entry.key, path: join(folder, entry.path) };
      }
    }
  }
  yield* below('', '');
}

interface Segment {
  /** Decoded. */
  readonly text: string;
  readonly isFolder: boolean;
  /** Relative to the bucket's folder. */
  readonly path: string;
}

/** Segments of keys in a folder; the pieces of long ones are put together. */
async function segmentsIn(folder: string, path: string, begun: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const entry of await namesIn(join(folder, path))) {
    const isFolder = entry.isDirectory();
    const { encoded, isPiece } = partOfName(entry.name, isFolder);
    const below = path === '' ? entry.name : `${path}/${entry.name}`;
    if (isPiece) segments.push(...(await segmentsIn(folder, below, begun + encoded)));
    else segments.push({ text: decode(begun + encoded), isFolder, path: below });
  }
  return segments;
}

async function namesIn(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** A file that somebody put there under a name to which no key leads is no object. */
const isObject = (key: string, path: string) => refusalOf(key) === undefined && pathOfKey(key) === path;

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
