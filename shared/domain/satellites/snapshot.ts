import { type MjdUtc, mjdUtc, parseIso } from '../time/scales.ts';
import { parseOmm, type Satellite } from './element-set.ts';

/** A published catalogue of element sets, which never changes: an entry of `satellites/snapshots/index.json`. */
export interface Snapshot {
  readonly id: string;
  /** Of a gzip of one OMM in JSON a line. */
  readonly key: string;
  readonly createdMjdUtc: MjdUtc;
  /** Of its newest element set. */
  readonly newestEpochMjdUtc: MjdUtc;
  readonly count: number;
}

export const snapshotIndexKey = 'satellites/snapshots/index.json';

/** Throws RangeError naming what an entry lacks. */
export function parseSnapshotIndex(text: string): Snapshot[] {
  const index: unknown = JSON.parse(text);
  if (!isObject(index) || !Array.isArray(index.snapshots))
    throw new RangeError(`${snapshotIndexKey} has no list of snapshots.`);
  return index.snapshots.map((entry: unknown): Snapshot => {
    if (!isObject(entry)) throw new RangeError(`An entry of ${snapshotIndexKey} is not an object.`);
    const { id, key, createdUtc, newestEpochUtc, count } = entry;
    if (
      typeof id !== 'string' ||
      typeof key !== 'string' ||
      typeof createdUtc !== 'string' ||
      typeof newestEpochUtc !== 'string' ||
      typeof count !== 'number'
    )
      throw new RangeError(
        `The snapshot ${id} in ${snapshotIndexKey} lacks id, key, createdUtc, newestEpochUtc or count.`,
      );
    const [created, newest] = [mjdUtc(parseIso(createdUtc)), mjdUtc(parseIso(newestEpochUtc))];
    return { id, key, createdMjdUtc: created, newestEpochMjdUtc: newest, count };
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** The snapshot to use and its age in hours at the visit, or why there is none. */
export type Choice =
  | { readonly snapshot: Snapshot; readonly ageHours: number }
  | { readonly snapshot?: undefined; readonly why: string };

/**
 * The last one made before the exposure ended, so that every replica and every repetition of the night takes the same;
 * where that is too old, the first one after it, with which work that waited for a catalogue can go on. A snapshot is
 * as old as its newest element set, if that is older than itself: a source that stands still is not fresh.
 */
export function chooseSnapshot(
  snapshots: readonly Snapshot[],
  exposureEnd: MjdUtc,
  maxAgeHours: number,
): Choice {
  const filled = snapshots
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => a.createdMjdUtc - b.createdMjdUtc);
  const before = filled.findLast(({ createdMjdUtc }) => createdMjdUtc <= exposureEnd);
  const after = filled.find(({ createdMjdUtc }) => createdMjdUtc > exposureEnd);
  const ranked = [before, after]
    .filter((snapshot) => snapshot !== undefined)
    .map((snapshot) => ({ snapshot, ageHours: hoursBetween(snapshot, exposureEnd) }));
  const usable = ranked.find(({ ageHours }) => ageHours <= maxAgeHours);
  if (usable) return usable;
  if (ranked.length === 0) return { why: 'there is no satellite catalogue' };
  const hours = Math.min(...ranked.map(({ ageHours }) => ageHours)).toFixed(1);
  return {
    why: `the satellite catalogue nearest to the visit is ${hours} h away, more than the ${maxAgeHours} h allowed`,
  };
}

function hoursBetween({ createdMjdUtc, newestEpochMjdUtc }: Snapshot, time: MjdUtc): number {
  const freshness = Math.min(createdMjdUtc, newestEpochMjdUtc);
  return 24 * Math.max(time - freshness, createdMjdUtc - time);
}

/** All element sets of a snapshot. Throws RangeError where a line cannot be read or is missing: part of a catalogue is none. */
export function parseSnapshot(lines: string, { id, count }: Pick<Snapshot, 'id' | 'count'>): Satellite[] {
  const satellites = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      try {
        return parseOmm(line);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new RangeError(`Line ${index + 1} of the snapshot ${id} cannot be read: ${reason}`);
      }
    });
  if (satellites.length !== count)
    throw new RangeError(`The snapshot ${id} holds ${satellites.length} element sets instead of ${count}.`);
  return satellites;
}
