import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Fault } from 'openfaas-sdk-ts';
import type { Field, FieldTable } from '../../schemas/alert/table.ts';
import { diaForcedSource } from '../../schemas/alert/v11-1/dia-forced-source.ts';
import { diaObject } from '../../schemas/alert/v11-1/dia-object.ts';
import { diaSource } from '../../schemas/alert/v11-1/dia-source.ts';
import type { EmbeddedOptions } from './bus.ts';
import { type Database, openDatabase, write } from './database.ts';

/** Level of the triangular mesh in the column pixelId, as the file's metadata declares it. */
export const htmLevel = 20;

/**
 * apdb.sqlite: an APDB as dax_apdb's SQL back end makes it (schema 10.0.0, indexing mode "baseline"), so that
 * Rubin's own tools open it, with the claims beside it in a table of ours. A file that is there is checked, not changed.
 */
export async function openApdb(options: EmbeddedOptions): Promise<Database> {
  const database = await openDatabase(join(options.data, 'apdb.sqlite'), { fsync: options.fsync });
  try {
    await write(database, () => {
      if (hasTable(database, 'metadata')) checkMetadata(database);
      else create(database);
      database.connection.exec(ownTables);
    });
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Columns of the APDB that no alert carries; each stands behind the column named. */
const hidden = {
  DiaObject: { behind: 'validityStartMjdTai', field: ['validityEndMjdTai', 'double?', ''] },
  DiaSource: { behind: 'parentDiaSourceId', field: ['ssObjectReassocTimeMjdTai', 'double?', ''] },
} as const satisfies Record<string, { behind: string; field: Field }>;

const withHidden = (table: FieldTable, { behind, field }: { behind: string; field: Field }): FieldTable =>
  table.flatMap((column) => (column[0] === behind ? [column, field] : [column]));

const pixelId: Field = ['pixelId', 'long', ''];

/** Tables of rows: columns in the APDB's order, and their primary key. */
const tables: Readonly<Record<string, { fields: FieldTable; key: readonly string[] }>> = {
  DiaObject: {
    fields: [...withHidden(diaObject, hidden.DiaObject), pixelId],
    key: ['diaObjectId', 'validityStartMjdTai'],
  },
  DiaSource: { fields: [...withHidden(diaSource, hidden.DiaSource), pixelId], key: ['diaSourceId'] },
  DiaForcedSource: { fields: diaForcedSource, key: ['diaObjectId', 'visit', 'detector'] },
};

const sqlTypes: Record<string, string> = {
  long: 'BIGINT',
  int: 'INTEGER',
  float: 'REAL',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/** Where the APDB's types are narrower than the alert's. */
const ownTypes: Record<string, string> = {
  detector: 'SMALLINT',
  band: 'CHAR(1)',
  reliabilityVersion: 'VARCHAR(7)',
};

function createTable(name: string): string {
  const { fields, key } = tables[name];
  const columns = fields.map(([field, type]) => {
    const sqlType = ownTypes[field] ?? sqlTypes[type.replace('?', '')];
    return `"${field}" ${sqlType}${type.endsWith('?') ? '' : ' NOT NULL'}`;
  });
  const primary = key.map((column) => `"${column}"`).join(', ');
  return `CREATE TABLE "${name}" (${columns.join(', ')}, PRIMARY KEY (${primary}));`;
}

const otherTables = `
CREATE TABLE "DiaObject_To_Object_Match" ("diaObjectId" BIGINT NOT NULL, "objectId" BIGINT NOT NULL, dist REAL, "lnP" REAL);
CREATE TABLE metadata (name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
CREATE INDEX "IDX_DiaObject_pixelId" ON "DiaObject" ("pixelId");
CREATE INDEX "IDX_DiaObject_validityStart" ON "DiaObject" ("validityStartMjdTai");
CREATE INDEX "IDX_DiaSource_ssObjectId" ON "DiaSource" ("ssObjectId");
CREATE INDEX "IDX_DiaSource_pixelId" ON "DiaSource" ("pixelId");
CREATE INDEX "IDX_DiaSource_visitDetector" ON "DiaSource" (visit, detector);
CREATE INDEX "IDX_DiaSource_diaObjectId" ON "DiaSource" ("diaObjectId");
CREATE INDEX "IDX_DiaForcedSource_visitDetector" ON "DiaForcedSource" (visit, detector);
CREATE INDEX "IDX_DiaObjectToObjectMatch_objectId" ON "DiaObject_To_Object_Match" ("objectId");
CREATE INDEX "IDX_DiaObjectToObjectMatch_diaObjectId" ON "DiaObject_To_Object_Match" ("diaObjectId");
`;

/** An object has a row a version; history reads the current ones only, so they have an index of their own. */
const ownTables = `
CREATE TABLE IF NOT EXISTS nightshift_claims (
  visit INTEGER NOT NULL,
  detector INTEGER NOT NULL,
  slot TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  changed INTEGER NOT NULL, -- Unix ms
  measured_attempt INTEGER,
  bundle TEXT,
  sha256 TEXT,
  counts TEXT, -- JSON
  PRIMARY KEY (visit, detector)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nightshift_claims_by_slot ON nightshift_claims (slot);
CREATE INDEX IF NOT EXISTS nightshift_current_objects ON "DiaObject" ("pixelId") WHERE "validityEndMjdTai" IS NULL;
`;

/** The versions that dax_apdb writes; its clients open what has the same major and no newer minor. */
const versions = { 'version:schema': '10.0.0', 'version:ApdbSql': '1.2.1' };

/** Settings of an APDB that its clients take from the file itself. */
const settingsKey = 'config:apdb-sql.json';
const settings = {
  enable_replica: false,
  dia_object_index: 'baseline',
  htm_level: htmLevel,
  htm_index_column: 'pixelId',
  ra_dec_columns: ['ra', 'dec'],
};

function create({ connection }: Database): void {
  connection.exec(Object.keys(tables).map(createTable).join('\n') + otherTables);
  const insert = connection.prepare('INSERT INTO metadata (name, value) VALUES (?, ?)');
  const metadata = { ...versions, [settingsKey]: JSON.stringify(settings) };
  for (const [name, value] of Object.entries(metadata)) insert.run(name, value);
}

function checkMetadata(database: Database): void {
  const rows = database.prepare('SELECT name, value FROM metadata').all();
  const found = new Map(rows.map(({ name, value }) => [String(name), String(value)]));
  const major = (version: string | undefined): string | undefined => version?.split('.')[0];
  const fits =
    Object.entries(versions).every(([name, version]) => major(found.get(name)) === major(version)) &&
    isDeepStrictEqual(JSON.parse(found.get(settingsKey) ?? 'null'), settings);
  if (fits) return;
  throw new Fault(
    'NS_CONFIGURATION',
    `${database.file} is an APDB with ${JSON.stringify(Object.fromEntries(found))}, which Nightshift cannot work on: ` +
      `it needs ${JSON.stringify({ ...versions, [settingsKey]: settings })}. Give another folder in NIGHTSHIFT_DATA.`,
  );
}

const hasTable = (database: Database, name: string): boolean =>
  database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name) !== undefined;
