import { isObject, parseJson } from '../json/parse.ts';
import { type MjdUtc, mjdUtc, parseIso } from '../time/scales.ts';

/** What a snapshot says of itself: `satellites/snapshots/{id}.json`, and an entry of the index. Times in ISO 8601 UTC. */
export interface SnapshotEntry {
  readonly id: string;
  /** Of a gzip of one OMM in JSON a line: the public element sets. */
  readonly key: string;
  /** The moment whose catalogue it is. */
  readonly asOfUtc: string;
  /** All element sets, both parts. */
  readonly count: number;
  readonly oldestEpochUtc: string;
  readonly medianEpochUtc: string;
  /** Of those not later than the moment, if there are such: an element set of tomorrow makes no catalogue fresh. */
  readonly newestEpochUtc: string;
  readonly sources: readonly SourceEntry[];
  /** Of the same, sealed: the element sets of private sources. */
  readonly sealed?: SealedPart;
}

/** What a source gave, chosen or not. */
export interface SourceEntry {
  readonly name: string;
  /** Different objects. */
  readonly count: number;
  /** As the snapshot's; missing where the source is empty. */
  readonly newestEpochUtc?: string;
  readonly private: boolean;
}

export interface SealedPart {
  readonly key: string;
  readonly count: number;
}

export const snapshotIndexKey = 'satellites/snapshots/index.json';
export const snapshotEntryKey = (id: string): string => `satellites/snapshots/${id}.json`;

/** The entries of the index. Throws RangeError saying which one is wrong and how. */
export function parseSnapshotEntries(text: string): SnapshotEntry[] {
  const index = readJson(text, snapshotIndexKey);
  if (!isObject(index) || !Array.isArray(index.snapshots))
    throw new RangeError(`${snapshotIndexKey} has no list of snapshots.`);
  return index.snapshots.map((entry, place) =>
    checkedEntry(entry, `Entry ${place + 1} of ${snapshotIndexKey}`),
  );
}

/** A snapshot's own entry. Throws RangeError saying what is wrong with it. */
export function parseSnapshotEntry(text: string, key: string): SnapshotEntry {
  return checkedEntry(readJson(text, key), key);
}

export const snapshotIndex = (entries: readonly SnapshotEntry[]): string =>
  JSON.stringify({ snapshots: entries.toSorted(byMoment) }, null, 1);

/** ISO 8601 in one form orders as text; ids tell apart what was made for the same moment. */
const byMoment = (a: SnapshotEntry, b: SnapshotEntry): number =>
  a.asOfUtc < b.asOfUtc || (a.asOfUtc === b.asOfUtc && a.id < b.id) ? -1 : 1;

function checkedEntry(value: unknown, where: string): SnapshotEntry {
  if (!isObject(value)) throw new RangeError(`${where} is not an object.`);
  const { id, key, count, sources, sealed } = value;
  const named = typeof id === 'string' ? `${where}, ${id},` : where;
  const wrong = (keyword: string) => new RangeError(`${named} has no usable ${keyword}.`);
  if (typeof id !== 'string' || id === '') throw wrong('id');
  if (typeof key !== 'string') throw wrong('key');
  if (!isCount(count)) throw wrong('count');
  for (const keyword of ['asOfUtc', 'oldestEpochUtc', 'medianEpochUtc', 'newestEpochUtc'])
    if (!isTime(value[keyword])) throw wrong(keyword);
  if (!Array.isArray(sources) || !sources.every(isSourceEntry)) throw wrong('sources');
  if (sealed !== undefined && !(isSealedPart(sealed) && sealed.count <= count)) throw wrong('sealed');
  return value as unknown as SnapshotEntry;
}

const isSourceEntry = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.name === 'string' &&
  isCount(value.count) &&
  (value.newestEpochUtc === undefined || isTime(value.newestEpochUtc)) &&
  typeof value.private === 'boolean';

const isSealedPart = (value: unknown): value is SealedPart =>
  isObject(value) && typeof value.key === 'string' && isCount(value.count);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function isTime(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  try {
    mjdOf(value);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export const mjdOf = (utc: string): MjdUtc => mjdUtc(parseIso(utc));

function readJson(text: string, key: string): unknown {
  const value = parseJson(text);
  if (value === undefined) throw new RangeError(`${key} is not JSON.`);
  return value;
}
