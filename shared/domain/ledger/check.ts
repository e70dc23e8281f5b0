import { parseSlot } from '../ids/slot.ts';
import { type Claim, hasReached, isClosed } from '../visit/claim.ts';

/** What the sources themselves say, gathered anew: nextVisit, bucket, APDB, public topic, archive, dead letters. */
export interface Evidence {
  /** Slots that nextVisit and the active detectors ask for. */
  readonly wanted: readonly string[];
  /** Raws in the bucket by slot (the group of a raw is in its sidecar). */
  readonly arrived: ReadonlySet<string>;
  readonly claims: readonly Claim[];
  /** Slots that the stream still has, unread or in hand. */
  readonly unfinished: ReadonlySet<string>;
  /** diaSourceIds in the APDB. */
  readonly written: readonly bigint[];
  /** Ids on the public topic, one a record. */
  readonly published: readonly bigint[];
  /** Ids in the archive. */
  readonly archived: readonly bigint[];
  readonly deadLetters: readonly { readonly item: string; readonly cause: string }[];
}

export interface Counts {
  readonly visits: number;
  readonly detectorVisits: number;
  readonly arrived: number;
  readonly processed: number;
  readonly gated: number;
  readonly alerts: number;
  readonly archived: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly deadLettered: number;
}

/**
 * Counts, and every difference as a sentence. Lost: a raw that came and is neither closed nor in anybody's hand nor
 * among the dead, an alert in the APDB that is not on the topic, one on the topic that is not in the archive.
 * Duplicated: an id that stands on the topic more than once.
 */
export function checkNight(evidence: Evidence): { counts: Counts; differences: string[] } {
  const claimOf = new Map(evidence.claims.map((claim) => [claim.slot, claim]));
  const dead = new Set(evidence.deadLetters.map(({ item }) => item));
  const published = new Set(evidence.published);
  const archived = new Set(evidence.archived);
  const written = new Set(evidence.written);
  const lostSlots = evidence.wanted.filter((slot) => {
    const claim = claimOf.get(slot);
    const ended = claim !== undefined && isClosed(claim.state);
    return evidence.arrived.has(slot) && !ended && !evidence.unfinished.has(slot) && !dead.has(slot);
  });
  const unpublished = evidence.written.filter((id) => !published.has(id));
  const unarchived = [...published].filter((id) => !archived.has(id));
  const unknown = [...published].filter((id) => !written.has(id));
  const twice = [...countOf(evidence.published)].filter(([, times]) => times > 1);
  const reached = (state: Parameters<typeof hasReached>[1]) =>
    evidence.claims.filter((claim) => hasReached(claim.state, state)).length;
  return {
    counts: {
      visits: new Set(evidence.wanted.map((slot) => parseSlot(slot).group)).size,
      detectorVisits: evidence.wanted.length,
      arrived: evidence.wanted.filter((slot) => evidence.arrived.has(slot)).length,
      processed: reached('written'),
      gated: reached('gated'),
      alerts: published.size,
      archived: archived.size,
      lost: lostSlots.length + unpublished.length + unarchived.length,
      duplicated: twice.reduce((sum, [, times]) => sum + times - 1, 0),
      deadLettered: evidence.deadLetters.length,
    },
    differences: [
      ...lostSlots.map(
        (slot) =>
          `${slot}: its raw arrived, but it is ${claimOf.get(slot)?.state ?? 'unclaimed'} and in nobody's hand`,
      ),
      ...unpublished.map((id) => `${id}: in the APDB, not on the public topic`),
      ...unarchived.map((id) => `${id}: on the public topic, not in the archive`),
      ...unknown.map((id) => `${id}: on the public topic, not in the APDB`),
      ...twice.map(([id, times]) => `${id}: ${times} times on the public topic`),
      ...evidence.deadLetters.map(({ item, cause }) => `${item}: dead, ${cause}`),
    ],
  };
}

function countOf(ids: readonly bigint[]): Map<bigint, number> {
  const counts = new Map<bigint, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
