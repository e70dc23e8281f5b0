import { mjdOf, type SnapshotEntry, type SourceEntry } from './snapshot-entry.ts';

export interface SnapshotRules {
  /** Hours between the moment of a catalogue and the epoch nearest to it. */
  readonly maxAgeHours: number;
  /** Part of the objects by which a catalogue may be smaller than the one before it. */
  readonly maxShrink: number;
  /** Names of the sources without which there is no catalogue. */
  readonly requiredSources: readonly string[];
}

export interface SnapshotRefusal {
  readonly reason: 'empty' | 'shrunk' | 'stale' | 'missing_source';
  readonly why: string;
}

/**
 * Why a snapshot must not be published, or undefined. `previous` is the one published before it; for a past night,
 * whose catalogue has its own size, there is none. A required source is held to the rules by itself as well: of
 * 26,000 objects nobody misses the 300 of a private one.
 */
export function refusalOf(
  candidate: SnapshotEntry,
  previous: SnapshotEntry | undefined,
  rules: SnapshotRules,
): SnapshotRefusal | undefined {
  if (candidate.count === 0) return { reason: 'empty', why: 'No source gave an element set.' };
  return (
    flaw('The catalogue', candidate, candidate, previous, rules) ??
    rules.requiredSources.map((name) => sourceFlaw(name, candidate, previous, rules)).find(Boolean)
  );
}

function sourceFlaw(
  name: string,
  candidate: SnapshotEntry,
  previous: SnapshotEntry | undefined,
  rules: SnapshotRules,
): SnapshotRefusal | undefined {
  const [source, before] = [candidate, previous].map((entry) =>
    entry?.sources.find((each) => each.name === name),
  );
  if (!source?.count)
    return { reason: 'missing_source', why: `The source ${name}, which is required, gave no element set.` };
  return flaw(`The source ${name}, which is required,`, source, candidate, before, rules);
}

/** What a catalogue and a source have in common. */
type Counted = Pick<SourceEntry, 'count' | 'newestEpochUtc'>;

function flaw(
  subject: string,
  { count, newestEpochUtc }: Counted,
  { asOfUtc }: SnapshotEntry,
  before: Counted | undefined,
  { maxAgeHours, maxShrink }: SnapshotRules,
): SnapshotRefusal | undefined {
  const hours = newestEpochUtc ? 24 * Math.abs(mjdOf(asOfUtc) - mjdOf(newestEpochUtc)) : Infinity;
  if (hours > maxAgeHours) {
    const why = `${subject} has no element set within ${maxAgeHours} h of ${asOfUtc}: the nearest is ${hours.toFixed(1)} h away.`;
    return { reason: 'stale', why };
  }
  if (before && count < (1 - maxShrink) * before.count) {
    const why = `${subject} has ${count} objects, more than ${100 * maxShrink} % fewer than the ${before.count} before.`;
    return { reason: 'shrunk', why };
  }
  return undefined;
}
