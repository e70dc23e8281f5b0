import { setImmediate as breathe } from 'node:timers/promises';
import type { DiaForcedSource, DiaObject, DiaSource } from '../../domain/alert/row.ts';
import { htmEnvelope } from '../../domain/sky/htm.ts';
import type { Vector } from '../../domain/sky/vector.ts';
import type { SourceRows, SourceStore } from '../../ports/source-store.ts';
import { effect } from '../effects.ts';
import { htmLevel, openApdb } from './apdb.ts';
import { forcedSourceFormat, objectFormat, type RowFormat, sourceFormat } from './apdb-rows.ts';
import type { EmbeddedOptions } from './bus.ts';
import { advanceClaim, claimsOfSlots, claimsOfVisit, findClaim, takeClaim } from './claims.ts';
import { type Database, read, write } from './database.ts';

/** Source-store on apdb.sqlite, which Rubin's dax_apdb opens too. */
export async function sqliteSourceStore(options: EmbeddedOptions): Promise<SourceStore> {
  const apdb = await openApdb(options);
  return {
    async claim(request) {
      const claim = await write(apdb, () => takeClaim(apdb, request));
      effect('source-store.claim');
      return claim;
    },
    findClaim: (visit, detector) => read(apdb, () => findClaim(apdb, { visit, detector })),
    claimsOfSlots: (slots) => read(apdb, () => claimsOfSlots(apdb, slots)),
    claimsOfVisit: (visit) => read(apdb, () => claimsOfVisit(apdb, visit)),

    async advance(claim, to, changedMs) {
      const { moved, answer } = await write(apdb, () => advanceClaim(apdb, claim, to, changedMs));
      if (moved) effect('source-store.advance');
      return answer;
    },

    async write(claim, rows, manifest, changedMs) {
      const store = prepareRows(apdb, rows);
      const { moved, answer } = await write(apdb, () => {
        const result = advanceClaim(apdb, claim, 'written', changedMs, manifest);
        // What is written stays: a repeat must not bring back objects that a later visit has updated.
        if (result.moved) store();
        return result;
      });
      if (moved) effect('source-store.write');
      return answer === 'advanced' ? 'written' : 'fenced';
    },

    async history(polygon, sinceMjdTai) {
      const objects = await read(apdb, () => currentObjects(apdb, polygon));
      return { objects, ...(await sourcesOfObjects(apdb, objects, sinceMjdTai)) };
    },
    sourcesOf: (visit, detector) =>
      read(apdb, () =>
        select(apdb, sourceFormat, '"DiaSource" a WHERE visit = ? AND detector = ? ORDER BY "diaSourceId"', [
          visit,
          detector,
        ]),
      ),
    async object(diaObjectId) {
      const [object] = await read(apdb, () =>
        select(apdb, objectFormat, '"DiaObject" a WHERE "diaObjectId" = ? AND "validityEndMjdTai" IS NULL', [
          diaObjectId,
        ]),
      );
      if (!object) return undefined;
      return { object, objects: [object], ...(await sourcesOfObjects(apdb, [object], 0)) };
    },
    async close() {
      apdb.close();
    },
  };
}

/** Makes everything ready outside the transaction, whose work is then nothing but statements. */
function prepareRows(apdb: Database, rows: SourceRows): () => void {
  const objects = rows.objects.map((row) => ({ row, values: objectFormat.values(row) }));
  const sources = rows.sources.map(sourceFormat.values);
  const forcedSources = rows.forcedSources.map(forcedSourceFormat.values);
  return () => {
    const endVersion = apdb.prepare(
      `UPDATE "DiaObject" SET "validityEndMjdTai" = ? WHERE "diaObjectId" = ? AND "validityEndMjdTai" IS NULL`,
    );
    for (const { row, values } of objects) {
      endVersion.run(row.validityStartMjdTai, row.diaObjectId);
      apdb.prepare(objectFormat.upsert).run(...values);
    }
    for (const values of sources) apdb.prepare(sourceFormat.upsert).run(...values);
    for (const values of forcedSources) apdb.prepare(forcedSourceFormat.upsert).run(...values);
  };
}

function select<Row>(
  apdb: Database,
  format: RowFormat<Row>,
  from: string,
  parameters: readonly (string | number | bigint)[],
): Row[] {
  return apdb
    .prepareBig(`SELECT ${format.select} FROM ${from}`)
    .all(...parameters)
    .map(format.read);
}

/** A detector of 13.7' touches 214 trixels of this level on average, with 26 % more sky than its own. */
const searchLevel = 12;

function currentObjects(apdb: Database, polygon: readonly Vector[]): DiaObject[] {
  const children = 4 ** (htmLevel - searchLevel);
  const ranges = htmEnvelope(polygon, searchLevel).map((trixel) => [
    trixel * children,
    (trixel + 1) * children - 1,
  ]);
  const from = `json_each(?) range CROSS JOIN "DiaObject" a
    ON a."pixelId" BETWEEN range.value ->> 0 AND range.value ->> 1
    WHERE a."validityEndMjdTai" IS NULL ORDER BY a."diaObjectId"`;
  return select(apdb, objectFormat, from, [JSON.stringify(ranges)]);
}

/** Objects whose rows are read in one go, so that the main thread is free again within some 10 ms. */
const objectsAtOnce = 100;

async function sourcesOfObjects(
  apdb: Database,
  objects: readonly DiaObject[],
  sinceMjdTai: number,
): Promise<{ sources: DiaSource[]; forcedSources: DiaForcedSource[] }> {
  const from = (table: string) => `json_each(?) id CROSS JOIN "${table}" a ON a."diaObjectId" = id.value
    WHERE a."midpointMjdTai" > ? AND a."timeWithdrawnMjdTai" IS NULL
    ORDER BY a."diaObjectId", a."midpointMjdTai", a.visit, a.detector`;
  const sources: DiaSource[][] = [];
  const forcedSources: DiaForcedSource[][] = [];
  for (let at = 0; at < objects.length; at += objectsAtOnce) {
    const ids = objects.slice(at, at + objectsAtOnce).map(({ diaObjectId }) => diaObjectId);
    // Not JSON.stringify, which has no bigint; SQLite reads integers of 64 bits from JSON.
    const parameters = [`[${ids.join(',')}]`, sinceMjdTai];
    sources.push(await read(apdb, () => select(apdb, sourceFormat, from('DiaSource'), parameters)));
    forcedSources.push(
      await read(apdb, () => select(apdb, forcedSourceFormat, from('DiaForcedSource'), parameters)),
    );
    await breathe();
  }
  return { sources: sources.flat(), forcedSources: forcedSources.flat() };
}
