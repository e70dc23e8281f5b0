import { mjdOf, type SnapshotEntry } from '#shared/domain/satellites/snapshot-entry.ts';
import type { MjdUtc } from '#shared/domain/time/scales.ts';

/** Id, counts, epochs and ages of a snapshot at its own moment, a line each. */
export function describeSnapshot(entry: SnapshotEntry): string {
  const { id, asOfUtc, count, sealed, sources } = entry;
  const asOf = mjdOf(asOfUtc);
  const epoch = (what: string, utc: string) => `${what} ${utc} (${ageOf(utc, asOf)})`;
  return [
    `snapshot ${id}: the catalogue of ${asOfUtc}`,
    `  ${count} objects${sealed ? `, of which ${sealed.count} sealed` : ''}`,
    `  epochs: ${epoch('oldest', entry.oldestEpochUtc)}, ${epoch('median', entry.medianEpochUtc)}, ${epoch('newest', entry.newestEpochUtc)}`,
    ...sources.map(
      ({ name, count: objects, newestEpochUtc, private: isPrivate }) =>
        `  source ${name}${isPrivate ? ' (private)' : ''}: ${objects} objects${newestEpochUtc ? `, ${epoch('newest', newestEpochUtc)}` : ''}`,
    ),
  ].join('\n');
}

/** `3.2 h old`, or `1.5 h later`. */
export function ageOf(utc: string, now: MjdUtc): string {
  const hours = 24 * (now - mjdOf(utc));
  return hours < 0 ? `${(-hours).toFixed(1)} h later` : `${hours.toFixed(1)} h old`;
}
