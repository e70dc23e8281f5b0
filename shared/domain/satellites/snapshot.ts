import type { MjdUtc } from '../time/scales.ts';
import { mjdOf, parseSnapshotEntries, type SealedPart, type SnapshotEntry } from './snapshot-entry.ts';

export { snapshotIndexKey } from './snapshot-entry.ts';

/** A published catalogue of element sets, which never changes. */
export interface Snapshot {
  readonly id: string;
  /** Of a gzip of one OMM in JSON a line: the public element sets. */
  readonly key: string;
  readonly asOfMjdUtc: MjdUtc;
  /** Of its newest element set. */
  readonly newestEpochMjdUtc: MjdUtc;
  /** All element sets, both parts. */
  readonly count: number;
  /** Of the same, sealed: the element sets of private sources. */
  readonly sealed?: SealedPart;
}

/** Throws RangeError saying which entry is wrong and how. */
export function parseSnapshotIndex(text: string): Snapshot[] {
  return parseSnapshotEntries(text).map(snapshotOf);
}

export function snapshotOf({ id, key, asOfUtc, newestEpochUtc, count, sealed }: SnapshotEntry): Snapshot {
  const [asOfMjdUtc, newestEpochMjdUtc] = [mjdOf(asOfUtc), mjdOf(newestEpochUtc)];
  return { id, key, asOfMjdUtc, newestEpochMjdUtc, count, ...(sealed && { sealed }) };
}

/** The snapshot to use and its age in hours at the visit, or why there is none. */
export type Choice =
  | { readonly snapshot: Snapshot; readonly ageHours: number }
  | {
      readonly snapshot?: undefined;
      readonly reason: 'no_catalogue' | 'stale_catalogue';
      readonly why: string;
    };

/**
 * The last one made before the exposure ended, so that every replica and every repetition of the night takes the same;
 * where that is too old, the first one after it, with which work that waited for a catalogue can go on. For a past
 * night (historical) the nearest on either side. A snapshot is as old as its newest element set, if that is older than
 * itself: a source that stands still is not fresh.
 */
export function chooseSnapshot(
  snapshots: readonly Snapshot[],
  exposureEnd: MjdUtc,
  { maxAgeHours, historical }: { readonly maxAgeHours: number; readonly historical: boolean },
): Choice {
  const filled = lastOfEachMoment(snapshots.filter(({ count }) => count > 0));
  const before = filled.findLast(({ asOfMjdUtc }) => asOfMjdUtc <= exposureEnd);
  const after = filled.find(({ asOfMjdUtc }) => asOfMjdUtc > exposureEnd);
  const ranked = (historical ? filled : [before, after])
    .filter((snapshot) => snapshot !== undefined)
    .map((snapshot) => ({ snapshot, ageHours: ageHoursAt(snapshot, exposureEnd) }));
  const nearest = ranked.toSorted((a, b) => a.ageHours - b.ageHours)[0];
  if (!nearest) return { reason: 'no_catalogue', why: 'there is no satellite catalogue' };
  const usable = historical ? [nearest] : ranked;
  const choice = usable.find(({ ageHours }) => ageHours <= maxAgeHours);
  if (choice) return choice;
  const hours = nearest.ageHours.toFixed(1);
  return {
    reason: 'stale_catalogue',
    why: `the satellite catalogue nearest to the visit is ${hours} h away, more than the ${maxAgeHours} h allowed`,
  };
}

const SECOND = 1 / 86_400;

/** By moment. Of those made for one moment, which are milliseconds apart, the last corrects the others. */
function lastOfEachMoment(snapshots: readonly Snapshot[]): Snapshot[] {
  const sorted = snapshots.toSorted((a, b) => a.asOfMjdUtc - b.asOfMjdUtc);
  return sorted.filter(({ asOfMjdUtc }, index) => !(sorted[index + 1]?.asOfMjdUtc - asOfMjdUtc < SECOND));
}

/** How old a snapshot, or its newest element set, is at a time, hours; where it is of a later one, how much later. */
export function ageHoursAt({ asOfMjdUtc, newestEpochMjdUtc }: Snapshot, time: MjdUtc): number {
  const freshness = Math.min(asOfMjdUtc, newestEpochMjdUtc);
  return 24 * Math.max(time - freshness, asOfMjdUtc - time);
}
