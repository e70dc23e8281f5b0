import { describe, expect, it } from 'vitest';
import { mergeDetector, mostNewObjects } from '#shared/domain/association/merge.ts';
import { newObject } from '#shared/domain/association/objects.ts';
import { someSource } from '../../support/alert-rows.ts';

const source = (id: number, ra: number, given: Parameters<typeof someSource>[0] = {}) =>
  someSource({ diaSourceId: BigInt(id), diaObjectId: null, ra, ...given });

const earlier = (id: number, ra: number) => {
  const row = source(id, ra, { diaObjectId: BigInt(id), visit: 2025121900001n, midpointMjdTai: 61027.25 });
  return { source: row, object: newObject(row, 61027.3) };
};

describe('mergeDetector', () => {
  const known = earlier(1, 53.25);
  const unseen = earlier(2, 53.3);
  const history = { objects: [known.object, unseen.object], sources: [known.source, unseen.source] };

  it('updates what it finds again, starts what is new, drops what may not start', () => {
    const given = [source(12, 53.2), source(11, 53.25), source(13, 53.1, { glint_trail: true })];
    const merged = mergeDetector(given, history, 61028.3, 0.1);
    expect(merged.counts).toEqual({ updated: 1, created: 1, dropped: 1 });
    expect(merged.sources.map(({ diaSourceId, diaObjectId }) => [diaSourceId, diaObjectId])).toEqual([
      [11n, 1n],
      [12n, 12n],
    ]);
    expect(merged.objects.map(({ diaObjectId, nDiaSources }) => [diaObjectId, nDiaSources])).toEqual([
      [1n, 2],
      [12n, 1],
    ]);
    expect(merged.objects[0]).toMatchObject({
      firstDiaSourceMjdTai: 61027.25,
      lastDiaSourceMjdTai: 61028.25,
    });
    expect(merged.unseen).toEqual([unseen.object]);
    expect(merged.sourcesOf.get(1n)?.map(({ diaSourceId }) => diaSourceId)).toEqual([1n, 11n]);
  });

  it('drops no source that belongs to a known object, whatever its flags', () => {
    const merged = mergeDetector(
      [source(11, 53.25, { glint_trail: true, reliability: 0 })],
      history,
      61028.3,
      0.1,
    );
    expect(merged.counts).toEqual({ updated: 1, created: 0, dropped: 0 });
  });

  it('repeated on the history that its own cut attempt left, it gives the same rows', () => {
    const given = [source(11, 53.25), source(12, 53.2)];
    const first = mergeDetector(given, history, 61028.3, 0.1);
    const left = {
      objects: [...first.objects, unseen.object],
      sources: [...history.sources, ...first.sources],
    };
    const again = mergeDetector(given, left, 61028.3, 0.1);
    expect(again.sources).toEqual(first.sources);
    expect(again.objects).toEqual(first.objects);
  });

  it('does not depend on the order of its input', () => {
    const given = [source(11, 53.25), source(12, 53.2), source(13, 53.25 + 0.4 / 3600)];
    const reversed = { objects: history.objects.toReversed(), sources: history.sources.toReversed() };
    const merged = mergeDetector(given, history, 61028.3, 0.1);
    const other = mergeDetector(given.toReversed(), reversed, 61028.3, 0.1);
    expect(other.sources).toEqual(merged.sources);
    expect(other.objects).toEqual(merged.objects);
    expect(other.unseen).toEqual(merged.unseen);
  });

  it('refuses more than 1000 new objects', () => {
    const many = (n: number) => Array.from({ length: n }, (_, index) => source(index + 1, 10 + index / 1000));
    expect(mergeDetector(many(mostNewObjects), { objects: [], sources: [] }, 1, 0.1).counts.created).toBe(
      1000,
    );
    expect(() => mergeDetector(many(1001), { objects: [], sources: [] }, 1, 0.1)).toThrow(
      '1001 sources of one detector',
    );
  });
});
