import { toVector } from '../sky/vector.ts';
import { assign } from './assignment.ts';
import { neighbours } from './neighbours.ts';
import { hasErrors, negativeLogLikelihood, type Position } from './score.ts';

/** The gate: no source is given to an object further away, whatever their errors. Chord of the unit sphere. */
const gate = (1 / 3600) * (Math.PI / 180);

export interface Association<Source, Known> {
  readonly pairs: readonly { readonly source: Source; readonly object: Known }[];
  /** Sources that belong to no known object, by id. */
  readonly unmatchedSources: readonly Source[];
  /** Objects that were not seen, by id. */
  readonly unmatchedObjects: readonly Known[];
}

/**
 * Gives sources of one detector to known objects, at most one to each, so that the total cost is least; leaving a
 * source alone costs more than any single pair. The cost is a likelihood where both catalogues have errors, else the
 * distance (the rule of the original, ap_association's AssociationTask). Ids order everything, and of equal costs the
 * lower object id wins, so the answer does not depend on the order of the input. Pairs come by source id.
 * Throws RangeError where an id occurs twice.
 */
export function associate<
  Source extends Position & { readonly diaSourceId: bigint },
  Known extends Position & { readonly diaObjectId: bigint },
>(givenSources: readonly Source[], givenObjects: readonly Known[]): Association<Source, Known> {
  const sources = sortedById(givenSources, 'source', ({ diaSourceId }) => diaSourceId);
  const objects = sortedById(givenObjects, 'object', ({ diaObjectId }) => diaObjectId);
  const candidates = findCandidates(sources, objects);
  const objectOf = new Map(matchAll(candidates, sources.length));
  const taken = new Set(objectOf.values());
  return {
    pairs: [...objectOf.entries()]
      .sort(([a], [b]) => a - b)
      .map(([source, object]) => ({ source: sources[source], object: objects[object] })),
    unmatchedSources: sources.filter((_, index) => !objectOf.has(index)),
    unmatchedObjects: objects.filter((_, index) => !taken.has(index)),
  };
}

/** A source and an object within the gate, by their indexes. */
interface Candidate {
  readonly source: number;
  readonly object: number;
  readonly cost: number;
}

interface Candidates {
  readonly pairs: readonly Candidate[];
  /** Cost of a source without object. */
  readonly unmatched: number;
}

function findCandidates(sources: readonly Position[], objects: readonly Position[]): Candidates {
  const useErrors = sources.some(hasErrors) && objects.some(hasErrors);
  const near = neighbours(objects, gate);
  const pairs = sources.flatMap((position, source) =>
    near(toVector(position.ra, position.dec)).map(({ index: object, chord }) => {
      const cost = useErrors ? negativeLogLikelihood(position, objects[object]) : chord;
      return { source, object, cost };
    }),
  );
  const worst = pairs.reduce((most, { cost }) => Math.max(most, cost), Number.NEGATIVE_INFINITY);
  return { pairs, unmatched: useErrors ? worst + 1 : 1.01 * gate };
}

/** Sources and objects that no candidate links have nothing to do with each other: each group is solved by itself. */
function matchAll({ pairs, unmatched }: Candidates, sourceCount: number): (readonly [number, number])[] {
  const parent = new Map<number, number>();
  const rootOf = (node: number): number => {
    const up = parent.get(node);
    if (up === undefined) return node;
    const root = rootOf(up);
    parent.set(node, root);
    return root;
  };
  for (const { source, object } of pairs) {
    const [a, b] = [rootOf(source), rootOf(sourceCount + object)];
    if (a !== b) parent.set(b, a);
  }
  const groups = Map.groupBy(pairs, ({ source }) => rootOf(source));
  return [...groups.values()].flatMap((group) => matchGroup(group, unmatched));
}

/** The cheapest matching of one group: a row a source; a column an object, or a source's own place without object. */
function matchGroup(group: readonly Candidate[], unmatched: number): (readonly [number, number])[] {
  const sources = [...new Set(group.map(({ source }) => source))];
  const objects = [...new Set(group.map(({ object }) => object))].sort((a, b) => a - b);
  const cost = sources.map((_, row) => {
    const places = sources.map((_, other) => (other === row ? unmatched : Number.POSITIVE_INFINITY));
    return [...objects.map(() => Number.POSITIVE_INFINITY), ...places];
  });
  for (const pair of group) cost[sources.indexOf(pair.source)][objects.indexOf(pair.object)] = pair.cost;
  return assign(cost).flatMap((column, row) =>
    column < objects.length ? [[sources[row], objects[column]] as const] : [],
  );
}

function sortedById<Row>(rows: readonly Row[], what: string, idOf: (row: Row) => bigint): Row[] {
  const sorted = rows.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const twice = sorted.find((row, index) => index > 0 && idOf(sorted[index - 1]) === idOf(row));
  if (twice === undefined) return sorted;
  throw new RangeError(`Two rows to associate are ${what} ${idOf(twice)}; each may come once.`);
}
