import type { DiaObject, DiaSource } from '../alert/row.ts';

/** Longer trails are moving things, which are gone from the object's position, arcsec. */
const longestTrailArcsec = 1.4;
const leastReliability = 0.5;
const leastSources = 2;

/**
 * True where an object is worth measuring in every image: two of its sources or more (`sources` are all of its
 * history) are credible, measured to be short, and known to be neither dipole nor glint. A source that no model has
 * judged counts as credible; one whose trail or dipole nobody measured does not count.
 */
export const deservesForcedPhotometry = (object: DiaObject, sources: readonly DiaSource[]): boolean =>
  object.nDiaSources >= leastSources && sources.filter(isSteady).length >= leastSources;

const isSteady = (source: DiaSource): boolean =>
  (source.reliability === null || source.reliability >= leastReliability) &&
  source.trailLength !== null &&
  source.trailLength <= longestTrailArcsec &&
  source.isDipole === false &&
  source.glint_trail === false;
