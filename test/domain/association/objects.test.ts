import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DiaObject, DiaSource } from '#shared/domain/alert/row.ts';
import { mayBecomeObject, newObject, updateObject } from '#shared/domain/association/objects.ts';
import { someId, someObject, someSource } from '../../support/alert-rows.ts';

const file = join(import.meta.dirname, '../../fixtures/association/summaries.jsonl');
const summaries: { sources: Partial<DiaSource>[]; want: Record<string, number | null> }[] = readFileSync(
  file,
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

describe('updateObject, against numpy,', () => {
  it.each(summaries.map((summary) => [summary.sources.length, summary] as const))(
    'of %i sources',
    (_n, summary) => {
      const sources = summary.sources.map((given, index) =>
        someSource({ ...given, diaSourceId: BigInt(index + 1) }),
      );
      const fresh = someObject({ firstDiaSourceMjdTai: null, lastDiaSourceMjdTai: null });
      const updated: Record<string, unknown> = updateObject(fresh, sources.toReversed(), 61200);
      for (const [field, want] of Object.entries(summary.want)) {
        if (want === null) expect(updated[field], field).toBeNull();
        // Floats are kept with 32 bits, positions and times with 64.
        else if (/^(ra|dec|.*Mjd.*)$/.test(field)) expect(updated[field], field).toBeCloseTo(want, 11);
        else
          expect(Math.abs(Number(updated[field]) - want), field).toBeLessThanOrEqual(1e-6 * Math.abs(want));
      }
    },
  );
});

describe('updateObject', () => {
  const old = someObject({ firstDiaSourceMjdTai: 60000.5, lastDiaSourceMjdTai: 60000.5, nDiaSources: 2 });

  it('keeps the id and the first time that is older than the history', () => {
    const updated = updateObject(old, [someSource()], 61028.5);
    expect(updated).toMatchObject({
      diaObjectId: someId,
      validityStartMjdTai: 61028.5,
      firstDiaSourceMjdTai: 60000.5,
      lastDiaSourceMjdTai: 61028.25,
      nDiaSources: 1,
    });
  });

  it('keeps the last time when an older visit comes late', () => {
    const late = { ...old, lastDiaSourceMjdTai: 61100 };
    expect(updateObject(late, [someSource()], 61200).lastDiaSourceMjdTai).toBe(61100);
  });

  it('is the same to the last bit for its sources in any order, also those of one time', () => {
    const sources = [0.1, 0.2, 0.3].map((flux, index) =>
      someSource({ diaSourceId: BigInt(index), psfFlux: flux, ra: 53 + flux / 1e5 }),
    );
    const orders = [sources, sources.toReversed(), [sources[1], sources[0], sources[2]]];
    const [first, ...others] = orders.map((order) => updateObject(old, order, 61200));
    for (const other of others) expect(other).toEqual(first);
  });

  it('has no slope between two fluxes of one time, and no error where a source has none', () => {
    const sources = [someSource({ diaSourceId: 1n }), someSource({ diaSourceId: 2n, raErr: null })];
    expect(updateObject(old, sources, 61200)).toMatchObject({
      r_psfFluxMaxSlope: null,
      raErr: null,
      ra_dec_Cov: null,
    });
  });
});

describe('newObject', () => {
  it('has the id, position and errors of its source', () => {
    const source = someSource({ ra_dec_Cov: 1e-12 });
    const object: DiaObject = newObject(source, 61028.5);
    const { ra, dec, raErr, decErr, ra_dec_Cov } = source;
    expect(object).toMatchObject({ diaObjectId: source.diaSourceId, ra, dec, raErr, decErr, ra_dec_Cov });
    expect(object).toMatchObject({
      nDiaSources: 1,
      r_psfFluxNdata: 1,
      r_psfFluxMean: 1500,
      g_psfFluxNdata: 0,
      g_psfFluxMean: null,
      firstDiaSourceMjdTai: 61028.25,
    });
  });
});

describe('mayBecomeObject', () => {
  it.each([
    [null, true],
    [0.1, true],
    [0.0999, false],
  ])('of reliability %s: %s', (reliability, may) => {
    expect(mayBecomeObject(someSource({ reliability }), 0.1)).toBe(may);
  });

  it.each([
    'centroid_flag',
    'pixelFlags_crCenter',
    'pixelFlags_nodataCenter',
    'pixelFlags_interpolatedCenter',
    'pixelFlags_saturatedCenter',
    'pixelFlags_suspectCenter',
    'pixelFlags_streakCenter',
    'glint_trail',
  ] as const)('is false with %s', (flag) => {
    expect(mayBecomeObject(someSource({ [flag]: true }), 0.1)).toBe(false);
    expect(mayBecomeObject(someSource({ [flag]: false }), 0.1)).toBe(true);
  });

  it('does not mind a flag somewhere else in the footprint', () => {
    expect(mayBecomeObject(someSource({ pixelFlags_cr: true, pixelFlags_edge: true }), 0.1)).toBe(true);
  });
});
