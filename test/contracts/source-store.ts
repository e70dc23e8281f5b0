import { describe, expect, test } from 'vitest';
import type { DiaForcedSource, DiaObject, DiaSource } from '#shared/domain/alert/row.ts';
import { toVector, type Vector } from '#shared/domain/sky/vector.ts';
import type { Claim, Manifest } from '#shared/domain/visit/claim.ts';
import type { SourceRows, SourceStore } from '#shared/ports/source-store.ts';
import { someForcedSource, someObject, someSource } from '../support/alert-rows.ts';
import { type Open, opened } from './suite.ts';

let lastVisit = 2025121900000n;
/** A visit that no other test uses. */
const newVisit = (): bigint => ++lastVisit;

let places = 0;
/** A place on the sky that no other test uses. */
const newPlace = (): { ra: number; dec: number } => {
  places += 1;
  return { ra: 53.25, dec: -60 + places / 2 };
};

const request = (visit: bigint, owner = 'a') => ({
  visit,
  detector: 130,
  slot: `LSSTCam/group-${visit}/130`,
  owner,
  changedMs: 1_765_000_000_000,
});

const manifestOf = (claim: Claim): Manifest => ({
  bundle: `bundles/${claim.visit}/${claim.detector}/${claim.attempt}`,
  sha256: 'ab'.repeat(32),
  counts: { alerts: 1, created: 1 },
});

/** One source with its object and forced photometry. */
function rowsAt(place: { ra: number; dec: number }, visit: bigint, id: bigint, days = 0): SourceRows {
  const time = { midpointMjdTai: 61028.25 + days, timeProcessedMjdTai: 61028.251 + days };
  const row = { visit, diaObjectId: id, ...place };
  return {
    objects: [someObject({ diaObjectId: id, validityStartMjdTai: time.timeProcessedMjdTai, ...place })],
    sources: [someSource({ diaSourceId: id, ...row, ...time })],
    forcedSources: [someForcedSource({ diaForcedSourceId: id, ...row, ...time })],
  };
}

/** A square of this half side around a place, counter-clockwise, degrees. */
function square({ ra, dec }: { ra: number; dec: number }, half: number): Vector[] {
  const wide = half / Math.cos((dec * Math.PI) / 180);
  return [
    toVector(ra - wide, dec - half),
    toVector(ra + wide, dec - half),
    toVector(ra + wide, dec + half),
    toVector(ra - wide, dec + half),
  ];
}

const idsOf = (rows: SourceRows) => ({
  objects: rows.objects.map((row: DiaObject) => row.diaObjectId),
  sources: rows.sources.map((row: DiaSource) => row.diaSourceId),
  forcedSources: rows.forcedSources.map((row: DiaForcedSource) => row.diaForcedSourceId),
});

/** Above 2^53, so that a rounded id is another one. */
const bigId = (visit: bigint): bigint => 2n ** 57n + visit * 1000n + 1n;

/** What every source-store does, whatever it stands on. */
export function sourceStoreContract(name: string, open: Open<SourceStore>): void {
  describe(`source-store on ${name}: claims`, () => {
    test('the first taker has attempt 1, each next one more, and the state stays', async () => {
      const store = await opened(open);
      const visit = newVisit();
      expect(await store.findClaim(visit, 130)).toBeUndefined();
      const first = await store.claim(request(visit));
      expect(first).toEqual({ ...request(visit), attempt: 1, state: 'claimed' });
      expect(await store.advance(first, 'measured', 2)).toBe('advanced');
      const second = await store.claim({ ...request(visit, 'b'), changedMs: 3 });
      expect(second).toMatchObject({
        attempt: 2,
        state: 'measured',
        owner: 'b',
        changedMs: 3,
        measuredAttempt: 1,
      });
      expect(await store.findClaim(visit, 130)).toEqual(second);
    });

    test('fences an overtaken attempt in every step', async () => {
      const store = await opened(open);
      const visit = newVisit();
      const old = await store.claim(request(visit));
      await store.claim(request(visit, 'b'));
      expect(await store.advance(old, 'measured', 2)).toBe('fenced');
      expect(await store.write(old, rowsAt(newPlace(), visit, bigId(visit)), manifestOf(old), 2)).toBe(
        'fenced',
      );
      expect(await store.sourcesOf(visit, 130)).toEqual([]);
      expect(await store.findClaim(visit, 130)).toMatchObject({ attempt: 2, state: 'claimed' });
    });

    test('goes forward only, and a step said twice is said once', async () => {
      const store = await opened(open);
      const claim = await store.claim(request(newVisit()));
      expect(await store.advance(claim, 'gated', 2)).toBe('advanced');
      expect(await store.advance(claim, 'gated', 3)).toBe('advanced');
      expect(await store.advance(claim, 'measured', 4)).toBe('advanced');
      expect(await store.findClaim(claim.visit, 130)).toMatchObject({ state: 'gated', changedMs: 2 });
    });

    test.each(['done', 'withheld'] as const)('a claim that is %s is answered as it is', async (state) => {
      const store = await opened(open);
      const claim = await store.claim(request(newVisit()));
      expect(await store.advance(claim, state, 2)).toBe('advanced');
      const again = await store.claim(request(claim.visit, 'b'));
      expect(again).toMatchObject({ attempt: 1, owner: 'a', state, changedMs: 2 });
    });

    test('nothing leads out of withheld, and nothing written is withheld', async () => {
      const store = await opened(open);
      const withheld = await store.claim(request(newVisit()));
      expect(await store.advance(withheld, 'withheld', 2)).toBe('advanced');
      expect(await store.advance(withheld, 'withheld', 3)).toBe('advanced');
      expect(await store.advance(withheld, 'gated', 3)).toBe('fenced');
      const rows = rowsAt(newPlace(), withheld.visit, bigId(withheld.visit));
      expect(await store.write(withheld, rows, manifestOf(withheld), 3)).toBe('fenced');
      expect(await store.sourcesOf(withheld.visit, 130)).toEqual([]);
      const written = await store.claim(request(newVisit()));
      expect(await store.advance(written, 'written', 2)).toBe('advanced');
      expect(await store.advance(written, 'withheld', 3)).toBe('fenced');
    });

    test('of many who claim at once, each has an attempt of its own and the last one only may go on', async () => {
      const stores = await Promise.all(Array.from({ length: 8 }, () => opened(open)));
      const visit = newVisit();
      const claims = await Promise.all(
        stores.map((store, index) => store.claim(request(visit, `owner ${index}`))),
      );
      const attempts = claims.map(({ attempt }) => attempt).sort((a, b) => a - b);
      expect(attempts).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      const answers = await Promise.all(
        claims.map((claim, index) => stores[index].advance(claim, 'measured', 2)),
      );
      const won = claims.filter((_, index) => answers[index] === 'advanced');
      expect(won.map(({ attempt }) => attempt)).toEqual([8]);
    });

    test('are found by slot and by visit', async () => {
      const store = await opened(open);
      const [visit, other] = [newVisit(), newVisit()];
      const second = await store.claim({ ...request(visit), detector: 7, slot: `LSSTCam/group-${visit}/7` });
      const first = await store.claim({
        ...request(visit),
        detector: 3,
        slot: `LSSTCam/2025-12-19T03%3A04%23${visit}/3`,
      });
      const elsewhere = await store.claim(request(other));
      expect(await store.claimsOfVisit(visit)).toEqual([first, second]);
      expect(await store.claimsOfSlots([first.slot, elsewhere.slot, 'LSSTCam/nobody/0'])).toEqual([
        first,
        elsewhere,
      ]);
      expect(await store.claimsOfSlots([])).toEqual([]);
    });
  });

  describe(`source-store on ${name}: rows`, () => {
    test('a write leaves the rows as they were given, the manifest and the state', async () => {
      const store = await opened(open);
      const claim = await store.claim(request(newVisit()));
      const id = bigId(claim.visit);
      const rows = rowsAt(newPlace(), claim.visit, id);
      const flagged = someSource({
        ...rows.sources[0],
        pixelFlags_bad: true,
        pixelFlags_cr: false,
        reliabilityVersion: 'v1',
      });
      expect(await store.write(claim, { ...rows, sources: [flagged] }, manifestOf(claim), 5)).toBe('written');
      expect(await store.findClaim(claim.visit, 130)).toEqual({
        ...claim,
        state: 'written',
        changedMs: 5,
        manifest: manifestOf(claim),
      });
      expect(await store.sourcesOf(claim.visit, 130)).toEqual([flagged]);
      const known = await store.object(id);
      expect(known?.object).toEqual(rows.objects[0]);
      expect(known?.forcedSources).toEqual(rows.forcedSources);
      expect(await store.object(id + 1n)).toBeUndefined();
    });

    test('a write of nothing closes the claim as well', async () => {
      const store = await opened(open);
      const claim = await store.claim(request(newVisit()));
      const nothing = { objects: [], sources: [], forcedSources: [] };
      const manifest = { ...manifestOf(claim), counts: { alerts: 0 } };
      expect(await store.write(claim, nothing, manifest, 5)).toBe('written');
      expect(await store.findClaim(claim.visit, 130)).toMatchObject({ state: 'written', manifest });
    });

    test('repeated, it changes nothing, not even when a later visit has updated the object', async () => {
      const store = await opened(open);
      const place = newPlace();
      const [claim, later] = [await store.claim(request(newVisit())), await store.claim(request(newVisit()))];
      const id = bigId(claim.visit);
      const rows = rowsAt(place, claim.visit, id);
      expect(await store.write(claim, rows, manifestOf(claim), 5)).toBe('written');
      const newer = rowsAt(place, later.visit, id, 1);
      const laterRows = {
        objects: [someObject({ ...newer.objects[0], nDiaSources: 2 })],
        sources: [someSource({ ...newer.sources[0], diaSourceId: bigId(later.visit) })],
        forcedSources: newer.forcedSources,
      };
      expect(await store.write(later, laterRows, manifestOf(later), 6)).toBe('written');
      expect(await store.write(claim, rows, manifestOf(claim), 7)).toBe('written');
      const known = await store.object(id);
      expect(known?.object).toEqual(laterRows.objects[0]);
      expect(known?.sources.map((row) => row.diaSourceId)).toEqual([id, bigId(later.visit)]);
      expect(known?.forcedSources).toHaveLength(2);
      expect(await store.findClaim(claim.visit, 130)).toMatchObject({ changedMs: 5 });
    });

    test('the attempt that goes on after a killed one writes its own rows under its own manifest', async () => {
      const store = await opened(open);
      const killed = await store.claim(request(newVisit()));
      await store.advance(killed, 'gated', 2);
      const next = await store.claim(request(killed.visit, 'b'));
      expect(next).toMatchObject({ state: 'gated', attempt: 2 });
      const rows = rowsAt(newPlace(), next.visit, bigId(next.visit));
      expect(await store.write(next, rows, manifestOf(next), 5)).toBe('written');
      expect(await store.findClaim(next.visit, 130)).toMatchObject({
        manifest: { bundle: expect.stringMatching(/\/2$/) },
      });
      const after = await store.claim(request(next.visit, 'c'));
      expect(after).toMatchObject({ state: 'written', attempt: 3, manifest: manifestOf(next) });
    });

    test('two writers of one detector: one writes, the other is fenced, and the rows are of one', async () => {
      const [a, b] = [await opened(open), await opened(open)];
      const visit = newVisit();
      const place = newPlace();
      const [first, second] = [await a.claim(request(visit, 'a')), await b.claim(request(visit, 'b'))];
      const answers = await Promise.all([
        a.write(first, rowsAt(place, visit, bigId(visit)), manifestOf(first), 5),
        b.write(second, rowsAt(place, visit, bigId(visit) + 2n), manifestOf(second), 5),
      ]);
      expect(answers).toEqual(['fenced', 'written']);
      expect((await a.sourcesOf(visit, 130)).map((row) => row.diaSourceId)).toEqual([bigId(visit) + 2n]);
    });
  });

  describe(`source-store on ${name}: history`, () => {
    test.each([
      ['at the equator', { ra: 180, dec: 0.01 }],
      ['across right ascension 0', { ra: 359.9999, dec: 12 }],
      ['near the south pole', { ra: 200, dec: -89.2 }],
    ])('finds what lies in the region and not what lies far off, %s', async (_, place) => {
      const store = await opened(open);
      const claim = await store.claim(request(newVisit()));
      const id = bigId(claim.visit);
      const inside = rowsAt({ ra: (place.ra + 0.0002) % 360, dec: place.dec - 0.02 }, claim.visit, id);
      const outside = rowsAt({ ra: place.ra, dec: place.dec + 0.4 }, claim.visit, id + 2n);
      const rows = {
        objects: [...inside.objects, ...outside.objects],
        sources: [...inside.sources, ...outside.sources],
        forcedSources: [...inside.forcedSources, ...outside.forcedSources],
      };
      expect(await store.write(claim, rows, manifestOf(claim), 5)).toBe('written');
      const found = await store.history(square(place, 0.1), 0);
      expect(idsOf(found)).toEqual({ objects: [id], sources: [id], forcedSources: [id] });
      expect(found).toEqual(inside);
    });

    test('has the current version of an object, and its sources since a date only', async () => {
      const store = await opened(open);
      const place = newPlace();
      let id: bigint | undefined;
      for (const days of [0, 10, 20]) {
        const claim = await store.claim(request(newVisit()));
        id ??= bigId(claim.visit);
        const rows = rowsAt(place, claim.visit, id, days);
        const sources = [someSource({ ...rows.sources[0], diaSourceId: bigId(claim.visit) })];
        await store.write(claim, { ...rows, sources }, manifestOf(claim), 5);
      }
      const found = await store.history(square(place, 0.1), 61028.25 + 5);
      expect(found.objects.map((row) => row.validityStartMjdTai)).toEqual([61028.251 + 20]);
      expect(found.sources.map((row) => row.midpointMjdTai)).toEqual([61038.25, 61048.25]);
      expect(found.forcedSources.map((row) => row.midpointMjdTai)).toEqual([61038.25, 61048.25]);
    });

    test('has nothing that was withdrawn', async () => {
      const store = await opened(open);
      const place = newPlace();
      const claim = await store.claim(request(newVisit()));
      const rows = rowsAt(place, claim.visit, bigId(claim.visit));
      const withdrawn = {
        objects: rows.objects,
        sources: [someSource({ ...rows.sources[0], timeWithdrawnMjdTai: 61030 })],
        forcedSources: [someForcedSource({ ...rows.forcedSources[0], timeWithdrawnMjdTai: 61030 })],
      };
      await store.write(claim, withdrawn, manifestOf(claim), 5);
      const found = await store.history(square(place, 0.1), 0);
      expect(idsOf(found)).toEqual({ objects: [bigId(claim.visit)], sources: [], forcedSources: [] });
    });

    test('of an empty region is empty', async () => {
      const store = await opened(open);
      expect(await store.history(square({ ra: 1, dec: 80 }, 0.1), 0)).toEqual({
        objects: [],
        sources: [],
        forcedSources: [],
      });
    });

    test('brings hundreds of objects, each with its own sources', async () => {
      const store = await opened(open);
      const place = newPlace();
      const claim = await store.claim(request(newVisit()));
      const parts = Array.from({ length: 250 }, (_, index) =>
        rowsAt(
          { ra: place.ra + index * 1e-4, dec: place.dec },
          claim.visit,
          bigId(claim.visit) + BigInt(index * 2),
        ),
      );
      const rows = {
        objects: parts.flatMap((part) => part.objects),
        sources: parts.flatMap((part) => part.sources),
        forcedSources: parts.flatMap((part) => part.forcedSources),
      };
      await store.write(claim, rows, manifestOf(claim), 5);
      expect(await store.history(square(place, 0.1), 0)).toEqual(rows);
    });
  });
}
