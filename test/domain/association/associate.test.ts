import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { associate } from '#shared/domain/association/associate.ts';
import type { Position } from '#shared/domain/association/score.ts';

const arcsec = 1 / 3600;
const at = (raArcsec: number, decArcsec = 0, sigmaArcsec: number | null = null): Position => {
  const error = sigmaArcsec === null ? null : sigmaArcsec * arcsec;
  return { ra: raArcsec * arcsec, dec: decArcsec * arcsec, raErr: error, decErr: error };
};
const asSources = (positions: readonly Position[]) =>
  positions.map((position, index) => ({ ...position, diaSourceId: BigInt(index + 1) }));
const asObjects = (positions: readonly Position[]) =>
  positions.map((position, index) => ({ ...position, diaObjectId: 1000n + BigInt(index + 1) }));

/** Object number of each source number, both from 1. */
const matches = (sources: readonly Position[], objects: readonly Position[]) =>
  associate(asSources(sources), asObjects(objects)).pairs.map(({ source, object }) => [
    Number(source.diaSourceId),
    Number(object.diaObjectId - 1000n),
  ]);

describe('associate', () => {
  it('matches the original’s five sources and five objects, one of each left over', () => {
    const degrees = (ra: number) => ({ ra, dec: 0, raErr: null, decErr: null });
    const sources = asSources([0, 1, 2, 3, 4].map((index) => degrees(0.04 * index)));
    const objects = asObjects([0, 1, 2, 3, 4].map((index) => degrees(0.04 * (index + 1))));
    const { pairs, unmatchedSources, unmatchedObjects } = associate(sources, objects);
    expect(pairs.map(({ source, object }) => [source.diaSourceId, object.diaObjectId])).toEqual([
      [2n, 1001n],
      [3n, 1002n],
      [4n, 1003n],
      [5n, 1004n],
    ]);
    expect(unmatchedSources.map(({ diaSourceId }) => diaSourceId)).toEqual([1n]);
    expect(unmatchedObjects.map(({ diaObjectId }) => diaObjectId)).toEqual([1005n]);
  });

  it('has one gate, 1 arc second, whatever the errors', () => {
    expect(matches([at(0, 0, 0.05)], [at(0, 0.5, 0.05)])).toEqual([[1, 1]]);
    expect(matches([at(0, 0, 0.05)], [at(0, 0.999, 0.05)])).toEqual([[1, 1]]);
    expect(matches([at(0, 0, 5)], [at(0, 1.001, 5)])).toEqual([]);
  });

  it('prefers a close pair of good positions to a distant one of bad positions', () => {
    expect(matches([at(0, 0, 0.05)], [at(0.15, 0, 0.05), at(0.3, 0, 0.5)])).toEqual([[1, 1]]);
    expect(matches([at(0, 0, 0.05)], [at(0.3, 0, 0.5), at(0.15, 0, 0.05)])).toEqual([[1, 2]]);
  });

  it('matches across right ascension 0 and at the poles', () => {
    const near = (ra: number, dec = 0) => ({ ra, dec, raErr: null, decErr: null });
    expect(matches([near(359.99999)], [near(0.00001)])).toEqual([[1, 1]]);
    expect(matches([near(12, 90)], [near(200, 89.9999)])).toEqual([[1, 1]]);
    expect(matches([near(12, -90)], [near(200, 90)])).toEqual([]);
  });

  it('looks for the best total: 0 to the first object, 0.4" to the one at 0.99"', () => {
    expect(matches([at(0, 0, 0.5), at(0.4, 0, 0.5)], [at(0, 0, 0.5), at(0.99, 0, 0.5)])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('gives one object to the nearer of two sources', () => {
    expect(matches([at(0.5), at(0.2)], [at(0)])).toEqual([[2, 1]]);
    expect(matches([at(0.5, 0, 0.1), at(0.2, 0, 0.1)], [at(0, 0, 0.1)])).toEqual([[2, 1]]);
  });

  it('gives a source between two objects at the same distance to the older one', () => {
    expect(matches([at(0)], [at(0.5), at(-0.5)])).toEqual([[1, 1]]);
  });

  it('answers nothing for nothing', () => {
    expect(associate([], [])).toEqual({ pairs: [], unmatchedSources: [], unmatchedObjects: [] });
    expect(matches([at(0)], [])).toEqual([]);
    expect(matches([], [at(0)])).toEqual([]);
  });

  it('refuses an id that comes twice', () => {
    const twice = [...asObjects([at(0)]), ...asObjects([at(5)])];
    expect(() => associate(asSources([at(0)]), twice)).toThrow('Two rows to associate are object 1001');
  });
});

/** A crowded field of 4" where most sources have several objects to choose from. */
const crowded = fc.array(
  fc.tuple(
    fc.double({ min: 0, max: 4, noNaN: true }),
    fc.double({ min: 0, max: 4, noNaN: true }),
    fc.constantFrom(null, 0.05, 0.3),
  ),
  { maxLength: 7 },
);

describe('associate, in any crowd,', () => {
  it('does not depend on the order of its input', () => {
    fc.assert(
      fc.property(crowded, crowded, fc.infiniteStream(fc.nat()), (s, o, keys) => {
        const sources = asSources(s.map((args) => at(...args)));
        const objects = asObjects(o.map((args) => at(...args)));
        const shuffled = <T>(rows: T[]) =>
          rows
            .map((row) => ({ row, key: keys.next().value }))
            .sort((a, b) => a.key - b.key)
            .map(({ row }) => row);
        expect(associate(shuffled(sources), shuffled(objects))).toEqual(associate(sources, objects));
      }),
      { numRuns: 200 },
    );
  });

  it('gives each source and object at most once, within the gate, and forgets none', () => {
    fc.assert(
      fc.property(crowded, crowded, (s, o) => {
        const sources = asSources(s.map((args) => at(...args)));
        const objects = asObjects(o.map((args) => at(...args)));
        const { pairs, unmatchedSources, unmatchedObjects } = associate(sources, objects);
        for (const { source, object } of pairs) {
          expect(Math.hypot(source.ra - object.ra, source.dec - object.dec)).toBeLessThanOrEqual(
            1.000001 * arcsec,
          );
        }
        expect(new Set([...pairs.map(({ source }) => source), ...unmatchedSources]).size).toBe(
          sources.length,
        );
        expect(new Set([...pairs.map(({ object }) => object), ...unmatchedObjects]).size).toBe(
          objects.length,
        );
        expect(pairs.length + unmatchedSources.length).toBe(sources.length);
        expect(pairs.length + unmatchedObjects.length).toBe(objects.length);
      }),
      { numRuns: 200 },
    );
  });
});

type Row = [ra: number, dec: number, raErr: number | null, decErr: number | null];
interface Field {
  sources: Row[];
  objects: Row[];
  pairs: [source: number, object: number][];
}

const file = join(import.meta.dirname, '../../fixtures/association/fields.jsonl');
const fields: Field[] = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const position = ([ra, dec, raErr, decErr]: Row) => ({ ra, dec, raErr, decErr });

describe('associate, against scipy’s assignment,', () => {
  it.each(fields.map((field, index) => [index, field.sources.length, field.objects.length, field] as const))(
    'field %i: %i sources, %i objects',
    (_index, _sources, _objects, { sources, objects, pairs }) => {
      const found = associate(
        sources.map((row, index) => ({ ...position(row), diaSourceId: BigInt(index) })),
        objects.map((row, index) => ({ ...position(row), diaObjectId: BigInt(index) })),
      );
      expect(
        found.pairs.map(({ source, object }) => [Number(source.diaSourceId), Number(object.diaObjectId)]),
      ).toEqual(pairs);
    },
  );
});
