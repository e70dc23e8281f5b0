import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DiaObject } from '#shared/domain/alert/row.ts';
import { jsonText } from '#shared/domain/json/text.ts';
import { toVector } from '#shared/domain/sky/vector.ts';
import { sqliteSourceStore } from '#shared/drivers/sqlite/source-store.ts';
import type { SourceRows } from '#shared/ports/source-store.ts';
import { someForcedSource, someId, someObject, someSource } from '../support/alert-rows.ts';
import { testFolder } from '../support/folders.ts';
import { python, pythonWithPackages } from '../support/python.ts';
import { obtain, ServiceUnavailable } from '../support/services/availability.ts';

type Told = Record<string, unknown>;

const oracle = join(import.meta.dirname, 'apdb-oracle.py');
const ask = async <Answer>(...args: string[]): Promise<Answer> => JSON.parse(await python(oracle, args));
const available = await obtain(async () => {
  await pythonWithPackages();
  await python('-c', ['import lsst.dax.apdb']).catch((cause: unknown) => {
    throw new ServiceUnavailable('lsst-dax-apdb is not among the packages of test/support/python.ts.', {
      cause,
    });
  });
  return true;
});

const visit = 2025121900283n;
const [ra, dec] = [53.25, -27.5];
const detectorVisit = { visit, detector: 130, slot: 'LSSTCam/g/130', owner: 'a', changedMs: 1 };

/** Two objects of one visit, then a new version of the first with another source. */
const first: SourceRows = {
  objects: [someObject(), someObject({ diaObjectId: someId + 1n, ra: ra + 0.01 })],
  sources: [
    someSource({ isNegative: true, pixelFlags_edge: false, reliabilityVersion: 'v1' }),
    someSource({ diaSourceId: someId + 1n, diaObjectId: someId + 1n, ra: ra + 0.01 }),
  ],
  forcedSources: [someForcedSource()],
};
const update: DiaObject = someObject({ validityStartMjdTai: 61029.5, nDiaSources: 2, r_psfFluxMean: 1234.5 });
const second: SourceRows = {
  objects: [update],
  sources: [someSource({ diaSourceId: someId + 2n, visit: visit + 1n, midpointMjdTai: 61029.25 })],
  forcedSources: [
    someForcedSource({ visit: visit + 1n, midpointMjdTai: 61029.25, diaForcedSourceId: someId + 9n }),
  ],
};

/** Rows as the oracle tells them, by their first id, without what only the database has. */
const told = (rows: readonly object[]): Told[] =>
  rows
    .map((row) =>
      JSON.parse(
        JSON.stringify(row, (_, item) =>
          typeof item === 'bigint' || Number.isInteger(item) ? String(item) : item,
        ),
      ),
    )
    .map(({ pixelId: _pixel, validityEndMjdTai: _end, ssObjectReassocTimeMjdTai: _time, ...row }) => row)
    .sort((a, b) => String(Object.values(a)[0]).localeCompare(String(Object.values(b)[0])));

describe.skipIf(!available)('apdb.sqlite and Rubin’s dax_apdb', () => {
  it('our file is read by dax_apdb: current objects, their sources, forced sources, visits', async () => {
    const data = testFolder();
    const store = await sqliteSourceStore({ data });
    for (const [index, rows] of [first, second].entries()) {
      const claim = await store.claim({ ...detectorVisit, visit: visit + BigInt(index) });
      expect(await store.write(claim, rows, { bundle: 'b', sha256: '00', counts: {} }, 2)).toBe('written');
    }
    await store.close();
    const found = await ask<Record<'objects' | 'sources' | 'forcedSources', Told[]> & Told>(
      'read',
      join(data, 'apdb.sqlite'),
      `${ra}`,
      `${dec}`,
      '0.1',
    );
    expect(told(found.objects)).toEqual(told([update, first.objects[1]]));
    expect(told(found.sources)).toEqual(told([...first.sources, ...second.sources]));
    expect(told(found.forcedSources)).toEqual(told([...first.forcedSources, ...second.forcedSources]));
    expect(found.counts).toMatchObject({ DiaObject: 3, DiaSource: 3, DiaForcedSource: 2 });
    expect(found.containsVisitDetector).toEqual([true, false]);
  });

  it('a file that dax_apdb made and filled is ours: the same history, and the claims go on', async () => {
    const data = testFolder();
    const file = join(data, 'apdb.sqlite');
    for (const [index, rows] of [first, second].entries()) {
      const given = join(data, `${index}.json`);
      writeFileSync(given, jsonText(rows));
      expect(await ask('write', file, String(rows.objects[0].validityStartMjdTai), given)).toBe('stored');
    }
    const store = await sqliteSourceStore({ data });
    const square = [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ].map(([x, y]) => toVector(ra + x * 0.1, dec + y * 0.1));
    const history = await store.history(square, 0);
    expect(history.objects).toEqual([update, first.objects[1]]);
    expect(told(history.sources)).toEqual(told([...first.sources, ...second.sources]));
    expect(told(history.forcedSources)).toEqual(told([...first.forcedSources, ...second.forcedSources]));
    expect(await store.claim(detectorVisit)).toMatchObject({ attempt: 1, state: 'claimed' });
    await store.close();
  });
});
