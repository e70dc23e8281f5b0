import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from 'openfaas-sdk-ts';
import { dimensionsJson } from '../../domain/butler/universe.ts';
import type { EmbeddedOptions } from './bus.ts';
import { createTables } from './butler-tables.ts';
import { type Database, openDatabase, read, write } from './database.ts';

const manager = 'lsst.daf.butler.registry';
const datasets = `${manager}.datasets.byDimensions`;

/** The managers of daf_butler 30: name in the configuration, class, and the version of its tables. */
const managers = [
  ['attributes', `${manager}.attributes.DefaultButlerAttributeManager`, '1.0.1'],
  ['dimensions', `${manager}.dimensions.static.StaticDimensionRecordStorageManager`, '6.0.2'],
  ['collections', `${manager}.collections.synthIntKey.SynthIntKeyCollectionManager`, '2.0.0'],
  ['datasets', `${datasets}._manager.ByDimensionsDatasetRecordStorageManagerUUID`, '2.0.0'],
  ['opaque', `${manager}.opaque.ByNameOpaqueTableStorageManager`, '0.2.0'],
  ['datastores', `${manager}.bridge.monolithic.MonolithicDatastoreRegistryBridgeManager`, '0.2.1'],
] as const;

const attributes: Readonly<Record<string, string>> = Object.fromEntries(
  managers.flatMap(([name, cls, version]) => [
    [`config:registry.managers.${name}`, cls],
    [`version:${cls}`, version],
  ]),
);
const universeAttribute = 'config:dimensions.json';

/** The configuration by which Butler's clients open the repository: its folder, or this file itself. */
const configuration = `datastore:
  cls: lsst.daf.butler.datastores.fileDatastore.FileDatastore
  records:
    table: file_datastore_records
  root: <butlerRoot>
registry:
  db: sqlite:///<butlerRoot>/gen3.sqlite3
  managers:
${managers.map(([name, cls]) => `    ${name}: ${cls.replace('._manager', '')}`).join('\n')}
`;

/** How this repository's datastore names itself in `dataset_location`: by its root as the configuration writes it. */
export const datastoreName = 'FileDatastore@<butlerRoot>';

/**
 * butler/gen3.sqlite3 with butler.yaml beside it: the registry of a Butler repository, as daf_butler 30 makes it.
 * A repository that is there is checked, never changed.
 * @throws Fault NS_CONFIGURATION where it is of another version.
 */
export async function openRepository(options: EmbeddedOptions): Promise<Database> {
  const folder = join(options.data, 'butler');
  const database = await openDatabase(join(folder, 'gen3.sqlite3'), { fsync: options.fsync });
  try {
    if (!(await read(database, () => hasTables(database)))) {
      // The configuration first: a repository with tables is whole.
      writeWhole(join(folder, 'butler.yaml'), configuration);
      await write(database, () => {
        if (!hasTables(database)) create(database);
      });
    }
    await read(database, () => checkAttributes(database));
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, file);
}

const hasTables = (database: Database): boolean =>
  database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'butler_attributes'").get() !== undefined;

function create(database: Database): void {
  database.connection.exec(createTables());
  const insert = database.prepare('INSERT INTO butler_attributes (name, value) VALUES (?, ?)');
  for (const [name, value] of Object.entries({ ...attributes, [universeAttribute]: dimensionsJson() })) {
    insert.run(name, value);
  }
  database.prepare("INSERT INTO opaque_meta (table_name) VALUES ('file_datastore_records')").run();
}

function checkAttributes(database: Database): void {
  const rows = database.prepare('SELECT name, value FROM butler_attributes').all();
  const found = new Map(rows.map(({ name, value }) => [String(name), String(value)]));
  const refuse = (what: string): never => {
    throw new Fault(
      'NS_CONFIGURATION',
      `${database.file} is a Butler repository with ${what}, which Nightshift cannot write. Give another folder in NIGHTSHIFT_DATA.`,
    );
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (found.get(name) !== value) refuse(`${name} = ${found.get(name) ?? 'nothing'} instead of ${value}`);
  }
  const { version, namespace } = JSON.parse(found.get(universeAttribute) ?? '{}');
  if (version !== 8 || namespace !== 'daf_butler') {
    refuse(`the dimension universe ${namespace} ${version} instead of daf_butler 8`);
  }
}
