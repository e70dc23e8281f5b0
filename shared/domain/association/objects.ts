import { type DiaObject, type DiaSource, newDiaObject } from '../alert/row.ts';
import { summarise } from './summary.ts';

/**
 * True where a source that belongs to no known object may become one. The others are dropped: neither stored nor
 * published. A source that no model has judged passes.
 *
 * @param leastReliability a model that is less sure than this does not make an object of a source
 */
export const mayBecomeObject = (source: DiaSource, leastReliability: number): boolean =>
  !source.centroid_flag &&
  !source.pixelFlags_crCenter &&
  !source.pixelFlags_nodataCenter &&
  !source.pixelFlags_interpolatedCenter &&
  !source.pixelFlags_saturatedCenter &&
  !source.pixelFlags_suspectCenter &&
  !source.pixelFlags_streakCenter &&
  !source.glint_trail &&
  (source.reliability === null || source.reliability >= leastReliability);

/** The object that a source starts; it has the source's id. */
export const newObject = (source: DiaSource, processedMjdTai: number): DiaObject =>
  objectRow(source.diaSourceId, [source], processedMjdTai);

/**
 * The next version of an object, from all its sources of the last 12 months, the new one among them, in any order.
 * What is older than they are stays in its first time.
 */
export function updateObject(
  object: DiaObject,
  sources: readonly DiaSource[],
  processedMjdTai: number,
): DiaObject {
  const updated = objectRow(object.diaObjectId, sources, processedMjdTai);
  const first = Math.min(
    object.firstDiaSourceMjdTai ?? Number.POSITIVE_INFINITY,
    updated.firstDiaSourceMjdTai!,
  );
  const last = Math.max(object.lastDiaSourceMjdTai ?? Number.NEGATIVE_INFINITY, updated.lastDiaSourceMjdTai!);
  return { ...updated, firstDiaSourceMjdTai: first, lastDiaSourceMjdTai: last };
}

function objectRow(diaObjectId: bigint, sources: readonly DiaSource[], processedMjdTai: number): DiaObject {
  const byTime = sources.toSorted(
    (a, b) => a.midpointMjdTai - b.midpointMjdTai || (a.diaSourceId < b.diaSourceId ? -1 : 1),
  );
  return newDiaObject({ diaObjectId, validityStartMjdTai: processedMjdTai, ...summarise(byTime) });
}
