import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sqliteButler } from '#shared/drivers/sqlite/butler.ts';
import { createTables, createTagsTable } from '#shared/drivers/sqlite/butler-tables.ts';
import { butlerContract, LSSTCam, rawOf } from '../../contracts/butler.ts';
import { opened } from '../../contracts/suite.ts';
import { suiteFolder, testFolder } from '../../support/folders.ts';

const data = suiteFolder();
butlerContract('SQLite', () => sqliteButler({ data }));

const registryOf = (folder: string) => {
  const registry = new DatabaseSync(join(folder, 'butler/gen3.sqlite3'));
  onTestFinished(() => registry.close());
  return registry;
};

/** What a database's tables are: columns, keys, references and indexes, without the names of constraints. */
function shapeOf(database: DatabaseSync): Record<string, unknown> {
  const rows = (sql: string, ...parameters: string[]) =>
    database
      .prepare(sql)
      .all(...parameters)
      .map((row) => ({ ...row }));
  const tables = rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  const ordered = (list: object[]) => list.map((item) => JSON.stringify(item)).sort();
  return Object.fromEntries(
    tables.map(({ name }) => [
      name,
      {
        columns: rows('SELECT * FROM pragma_table_info(?)', String(name)),
        references: ordered(
          rows('SELECT * FROM pragma_foreign_key_list(?)', String(name)).map(
            ({ id, ...reference }) => reference,
          ),
        ),
        indexes: ordered(
          rows('SELECT * FROM pragma_index_list(?)', String(name)).map(({ name: index, unique, origin }) => ({
            ...{ unique, origin, ...(origin === 'c' && { index }) },
            columns: rows('SELECT name FROM pragma_index_info(?)', String(index)),
          })),
        ),
      },
    ]),
  );
}

test('the tables are those that daf_butler makes, in every column, key, reference and index', () => {
  const theirs = new DatabaseSync(':memory:');
  theirs.exec(readFileSync(join(import.meta.dirname, '../../fixtures/butler/schema-sqlite.sql'), 'utf8'));
  const ours = new DatabaseSync(':memory:');
  ours.exec(
    createTables() + createTagsTable('dataset_tags_00000001', ['instrument', 'detector', 'exposure']),
  );
  expect(shapeOf(ours)).toEqual(shapeOf(theirs));
});

describe('an exposure of LSSTCam', () => {
  const ingested = async () => {
    const folder = testFolder();
    const butler = await opened(() => sqliteButler({ data: folder }));
    await butler.register(LSSTCam);
    const science = LSSTCam.detectors.filter(({ purpose }) => purpose === 'SCIENCE');
    await butler.ingestRaws(science.map(({ number }) => rawOf(LSSTCam, 138, number)));
    return { butler, registry: registryOf(folder), folder };
  };

  test('has as many rows as daf_butler’s own', async () => {
    const { registry, folder } = await ingested();
    const count = (table: string) =>
      Number(registry.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.n);
    const counts = {
      ...{ group: 1, day_obs: 1, exposure: 1, visit: 1, visit_skypix_overlap: 37, visit_definition: 1 },
      ...{
        visit_system_membership: 1,
        visit_detector_region: 205,
        visit_detector_region_skypix_overlap: 436,
      },
      ...{ dataset: 189, collection_summary_dataset_type: 1, collection_summary_instrument: 1 },
      ...{ dataset_tags_00000001: 189, dataset_location: 189, file_datastore_records: 189, dataset_type: 2 },
    };
    for (const [table, rows] of Object.entries(counts)) expect(count(table), table).toBe(rows);
    expect(registry.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    expect(existsSync(join(folder, 'butler/butler.yaml'))).toBe(true);
  });

  test('keeps its 64-bit times and the values that somebody has mended', async () => {
    const { butler, registry } = await ingested();
    const begin = registry.prepare('SELECT CAST(timespan_begin AS TEXT) AS ns FROM exposure').get();
    expect(begin?.ns).toBe('1747891246866000000');
    registry.exec("UPDATE exposure SET tracking_ra = 1.5, observation_reason = 'mended'");
    await butler.ingestRaws([rawOf(LSSTCam, 138, 191)]);
    expect({ ...registry.prepare('SELECT tracking_ra, observation_reason FROM exposure').get() }).toEqual({
      tracking_ra: 1.5,
      observation_reason: 'mended',
    });
  });

  test('gets the visit that somebody else’s ingest did not give it', async () => {
    const { butler, registry } = await ingested();
    const tables = ['visit_detector_region_skypix_overlap', 'visit_skypix_overlap', 'visit_detector_region'];
    for (const table of [...tables, 'visit_definition', 'visit_system_membership', 'visit'])
      registry.exec(`DELETE FROM ${table}`);
    await butler.ingestRaws([rawOf(LSSTCam, 138, 191)]);
    expect(registry.prepare('SELECT count(*) AS n FROM visit_detector_region').get()?.n).toBe(205);
  });
});

test('a repository of another version is refused, not changed', async () => {
  const folder = testFolder();
  await (await sqliteButler({ data: folder })).close();
  const registry = registryOf(folder);
  registry.exec("UPDATE butler_attributes SET value = '7.0.0' WHERE value = '6.0.2'");
  await expect(sqliteButler({ data: folder })).rejects.toThrow(
    /= 7\.0\.0 instead of 6\.0\.2.*NIGHTSHIFT_DATA/,
  );
});
