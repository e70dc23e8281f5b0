import type { DiaObject, DiaSource } from '../alert/row.ts';
import { associate } from './associate.ts';
import { mayBecomeObject, newObject, updateObject } from './objects.ts';

/** More new objects than this in one detector are an image gone wrong, not a sky. */
export const mostNewObjects = 1000;

export interface Merged {
  /** Sources that belong to an object now, with its id, by diaSourceId. */
  readonly sources: readonly DiaSource[];
  /** The object of each of them in its new version, in the same order. */
  readonly objects: readonly DiaObject[];
  /** Objects of the region that were not seen this time, as they were. */
  readonly unseen: readonly DiaObject[];
  /** History with the new sources, by object id: what summaries, forced photometry and alerts rest on. */
  readonly sourcesOf: ReadonlyMap<bigint, readonly DiaSource[]>;
  readonly counts: { readonly updated: number; readonly created: number; readonly dropped: number };
}

/**
 * Associates a detector's sources with what is known of its region and makes the next versions of the objects.
 * Rows of the history that this very detector and visit left, in an attempt that was cut, are replaced by the new
 * ones. The answer does not depend on the order of the input. Throws RangeError above {@link mostNewObjects}.
 */
export function mergeDetector(
  given: readonly DiaSource[],
  history: { readonly objects: readonly DiaObject[]; readonly sources: readonly DiaSource[] },
  processedMjdTai: number,
  leastReliability: number,
): Merged {
  const { pairs, unmatchedSources, unmatchedObjects } = associate(given, history.objects);
  const fresh = unmatchedSources.filter((source) => mayBecomeObject(source, leastReliability));
  if (fresh.length > mostNewObjects) {
    throw new RangeError(
      `${fresh.length} sources of one detector would become new objects; ${mostNewObjects} is the most.`,
    );
  }
  const replaced = new Set(given.map(({ visit, detector }) => `${visit}/${detector}`));
  const kept = history.sources
    .filter(isAssociated)
    .filter(({ visit, detector }) => !replaced.has(`${visit}/${detector}`));
  const matched = pairs.map(({ source, object }) => ({ ...source, diaObjectId: object.diaObjectId }));
  const created = fresh.map((source) => ({ ...source, diaObjectId: source.diaSourceId }));
  const sourcesOf = Map.groupBy([...kept, ...matched, ...created], ({ diaObjectId }) => diaObjectId);
  const known = new Map(history.objects.map((object) => [object.diaObjectId, object]));
  const rows = [...matched, ...created]
    .sort((a, b) => (a.diaSourceId < b.diaSourceId ? -1 : 1))
    .map((source) => {
      const object = known.get(source.diaObjectId);
      const updated = object && updateObject(object, sourcesOf.get(object.diaObjectId)!, processedMjdTai);
      return { source, object: updated ?? newObject(source, processedMjdTai) };
    });
  return {
    sources: rows.map(({ source }) => source),
    objects: rows.map(({ object }) => object),
    unseen: unmatchedObjects,
    sourcesOf,
    counts: {
      updated: matched.length,
      created: created.length,
      dropped: unmatchedSources.length - fresh.length,
    },
  };
}

const isAssociated = (source: DiaSource): source is DiaSource & { diaObjectId: bigint } =>
  source.diaObjectId !== null;
