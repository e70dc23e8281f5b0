import { elements, isSpatial, isTemporal, parseField, required } from '../../domain/butler/universe.ts';

/** One table of a Butler repository on SQLite. */
interface Table {
  readonly name: string;
  /** `name TYPE`, with NOT NULL where it belongs. */
  readonly columns: readonly string[];
  readonly key: readonly string[];
  readonly unique?: readonly (readonly string[])[];
  readonly references?: readonly Reference[];
  readonly indexes?: readonly (readonly string[])[];
}

interface Reference {
  readonly columns: readonly string[];
  readonly table: string;
  /** Absent: of the same names. */
  readonly target?: readonly string[];
  readonly cascade?: boolean;
}

/** All tables that daf_butler 30 makes for a new repository, in an order that foreign keys allow, as SQL. */
export const createTables = (): string => [...staticTables(), ...elementTables()].map(createTable).join('\n');

/** The table that says which datasets of these dimensions are in which collection. */
export function createTagsTable(name: string, dimensions: readonly string[]): string {
  const datasetType = {
    columns: ['collection_id', 'dataset_type_id'],
    table: 'collection_summary_dataset_type',
  };
  const summaries = dimensions
    .filter((dimension) => elements[dimension].storage === 'governor')
    .map((governor) => ({ columns: ['collection_id', governor], table: `collection_summary_${governor}` }));
  return createTable({
    name,
    columns: [
      'dataset_type_id BIGINT NOT NULL',
      'dataset_id CHAR(32) NOT NULL',
      'collection_id BIGINT NOT NULL',
      ...dimensions.map(keyColumn),
    ],
    key: ['dataset_id', 'collection_id'],
    unique: [['dataset_type_id', 'collection_id', ...dimensions]],
    references: [
      { columns: ['dataset_type_id'], table: 'dataset_type', target: ['id'] },
      { columns: ['dataset_id'], table: 'dataset', target: ['id'], cascade: true },
      { columns: ['collection_id'], table: 'collection', cascade: true },
      datasetType,
      ...summaries,
      ...dimensions.map(referenceTo),
    ],
  });
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

function createTable({ name, columns, key, unique = [], references = [], indexes = [] }: Table): string {
  const constraints = [
    `PRIMARY KEY (${quoted(key)})`,
    ...columns.flatMap(lengthCheck),
    ...unique.map((names) => `UNIQUE (${quoted(names)})`),
    ...references.map(
      ({ columns: own, table, target = own, cascade }) =>
        `FOREIGN KEY (${quoted(own)}) REFERENCES "${table}" (${quoted(target)})${cascade ? ' ON DELETE CASCADE' : ''}`,
    ),
  ];
  const columnsInSql = columns.map((column) => column.replace(/^(\w+)/, '"$1"'));
  const indexed = references.map(({ columns: own }) => own).filter((own) => own.join() !== key.join());
  return [
    `CREATE TABLE "${name}" (${[...columnsInSql, ...constraints].join(', ')});`,
    ...indexed.map((own) => `CREATE INDEX "${name}_fkidx_${own.join('_')}" ON "${name}" (${quoted(own)});`),
    ...indexes.map((own) => `CREATE INDEX "${name}_idx_${own.join('_')}" ON "${name}" (${quoted(own)});`),
  ].join('\n');
}

/** SQLite itself does not keep to the length of a VARCHAR. */
function lengthCheck(column: string): string[] {
  const match = /^(\w+) VARCHAR\((\d+)\)/.exec(column);
  return match ? [`CHECK (length("${match[1]}") <= ${match[2]} AND length("${match[1]}") >= 1)`] : [];
}

const sqlTypes: Record<string, string> = { int: 'BIGINT', float: 'FLOAT', bool: 'BOOLEAN', hash: 'TEXT' };

/** Strings over 32 characters are texts without a limit. */
function sqlType(field: Parameters<typeof parseField>[0]): string {
  const { type, length = 0 } = parseField(field);
  return sqlTypes[type] ?? (length > 32 ? 'TEXT' : `VARCHAR(${length})`);
}

/** How a dimension's key stands in other tables than its own. */
const keyColumn = (dimension: string): string =>
  `${dimension} ${sqlType(elements[dimension].keys[0])} NOT NULL`;

function referenceTo(dimension: string): Reference {
  const dimensions = required(dimension);
  const own = parseField(elements[dimension].keys[0]).name;
  return { columns: dimensions, table: dimension, target: [...dimensions.slice(0, -1), own] };
}

/** `band` has no table to refer to. */
const hasTable = (dimension: string): boolean => elements[dimension].storage !== 'view';

/** Tables of dimensions and their relations, then those of their overlaps on the sky. */
function elementTables(): Table[] {
  const names = Object.keys(elements).filter(hasTable);
  const spatial = names.filter(isSpatial);
  const observed = spatial.filter((name) => name.startsWith('visit'));
  const mapped = spatial.filter((name) => !name.startsWith('visit'));
  return [
    ...names.map(elementTable),
    ...spatial.flatMap(skypixTables),
    ...mapped.flatMap((one) => observed.flatMap((other) => overlapTables(one, other))),
  ];
}

function elementTable(name: string): Table {
  const { keys, requires, implies = [], metadata = [] } = elements[name];
  const [own, ...alternatives] = keys.map((field) => `${parseField(field).name} ${sqlType(field)}`);
  const key = [...requires, ...keys.slice(0, 1).map((field) => parseField(field).name)];
  return {
    name,
    columns: [
      ...requires.map(keyColumn),
      ...(own === undefined ? [] : [`${own} NOT NULL`]),
      ...implies.map(keyColumn),
      ...alternatives,
      ...metadata.map((field) => `${parseField(field).name} ${sqlType(field)}`),
      ...(isSpatial(name) ? ['region TEXT'] : []),
      ...(isTemporal(name) ? ['timespan_begin BIGINT', 'timespan_end BIGINT'] : []),
    ],
    key,
    unique: keys.slice(1).map((field) => [...requires, parseField(field).name]),
    references: [...requires, ...implies].filter(hasTable).map(referenceTo),
  };
}

const skypixColumns = ['skypix_system VARCHAR(16) NOT NULL', 'skypix_level SMALLINT NOT NULL'];
const skypixKey = ['skypix_system', 'skypix_level'];

/** Which trixels a region touches, and for which governor (instrument, sky map) that is known. */
function skypixTables(name: string): Table[] {
  const dimensions = required(name);
  const [governor] = dimensions;
  const summary: Table = {
    name: `${name}_skypix_overlap_summary`,
    columns: [...skypixColumns, keyColumn(governor)],
    key: [...skypixKey, governor],
    references: [referenceTo(governor)],
  };
  return [
    summary,
    {
      name: `${name}_skypix_overlap`,
      columns: [...skypixColumns, ...dimensions.map(keyColumn), 'skypix_index BIGINT NOT NULL'],
      key: [...skypixKey, ...dimensions, 'skypix_index'],
      references: [
        { columns: summary.key, table: summary.name, cascade: true },
        ...dimensions.map(referenceTo),
      ],
      indexes: [[...skypixKey, 'skypix_index', ...dimensions]],
    },
  ];
}

function overlapTables(one: string, other: string): Table[] {
  const governors = [required(one)[0], required(other)[0]];
  const dimensions = [...governors, ...required(one).slice(1), ...required(other).slice(1)];
  const table = (name: string, keys: readonly string[]): Table => ({
    name,
    columns: keys.map(keyColumn),
    key: keys,
    references: keys.map(referenceTo),
  });
  return [table(`${one}_${other}_overlap_summary`, governors), table(`${one}_${other}_overlap`, dimensions)];
}

/** Tables of collections, dataset types and datasets; those that refer to dimensions come with `elementTables`. */
function staticTables(): Table[] {
  const collection: Reference = { columns: ['collection_id'], table: 'collection', cascade: true };
  const datasetType = { columns: ['dataset_type_id'], table: 'dataset_type', target: ['id'] };
  const summaryOf = (governor: string): Table => ({
    name: `collection_summary_${governor}`,
    columns: ['collection_id BIGINT NOT NULL', keyColumn(governor)],
    key: ['collection_id', governor],
    references: [collection, referenceTo(governor)],
  });
  return [
    { name: 'butler_attributes', columns: ['name TEXT NOT NULL', 'value TEXT NOT NULL'], key: ['name'] },
    { name: 'dimension_graph_key', columns: ['id INTEGER NOT NULL'], key: ['id'] },
    {
      name: 'dimension_graph_definition',
      columns: ['dimension_graph_id BIGINT NOT NULL', 'dimension_name TEXT NOT NULL'],
      key: ['dimension_graph_id', 'dimension_name'],
      references: [
        { columns: ['dimension_graph_id'], table: 'dimension_graph_key', target: ['id'], cascade: true },
      ],
    },
    {
      name: 'collection',
      columns: ['collection_id INTEGER NOT NULL', 'name TEXT NOT NULL', 'type SMALLINT NOT NULL', 'doc TEXT'],
      key: ['collection_id'],
      unique: [['name']],
    },
    {
      name: 'run',
      columns: ['collection_id BIGINT NOT NULL', 'host TEXT', 'timespan_begin BIGINT', 'timespan_end BIGINT'],
      key: ['collection_id'],
      references: [collection],
    },
    {
      name: 'collection_chain',
      columns: ['parent BIGINT NOT NULL', 'position SMALLINT NOT NULL', 'child BIGINT NOT NULL'],
      key: ['parent', 'position'],
      references: [
        { columns: ['parent'], table: 'collection', target: ['collection_id'], cascade: true },
        { columns: ['child'], table: 'collection', target: ['collection_id'] },
      ],
    },
    {
      name: 'dataset_type',
      columns: [
        'id INTEGER NOT NULL',
        'name TEXT NOT NULL',
        'storage_class TEXT NOT NULL',
        'dimensions_key BIGINT NOT NULL',
        'tag_association_table TEXT NOT NULL',
        'calibration_association_table TEXT',
      ],
      key: ['id'],
      unique: [['name']],
    },
    {
      name: 'collection_summary_dataset_type',
      columns: ['collection_id BIGINT NOT NULL', 'dataset_type_id BIGINT NOT NULL'],
      key: ['collection_id', 'dataset_type_id'],
      references: [collection, { ...datasetType, cascade: true }],
    },
    summaryOf('instrument'),
    summaryOf('skymap'),
    {
      name: 'dataset',
      columns: [
        'id CHAR(32) NOT NULL',
        'dataset_type_id BIGINT NOT NULL',
        'ingest_date BIGINT NOT NULL',
        'run_id BIGINT NOT NULL',
      ],
      key: ['id'],
      references: [
        datasetType,
        { columns: ['run_id'], table: 'run', target: ['collection_id'], cascade: true },
      ],
    },
    {
      name: 'dataset_location',
      columns: ['datastore_name TEXT NOT NULL', 'dataset_id CHAR(32) NOT NULL'],
      key: ['datastore_name', 'dataset_id'],
      references: [{ columns: ['dataset_id'], table: 'dataset', target: ['id'] }],
    },
    {
      name: 'dataset_location_trash',
      columns: ['dataset_id CHAR(32) NOT NULL', 'datastore_name TEXT NOT NULL'],
      key: ['dataset_id', 'datastore_name'],
    },
    { name: 'opaque_meta', columns: ['table_name TEXT NOT NULL'], key: ['table_name'] },
    {
      name: 'file_datastore_records',
      columns: [
        'dataset_id CHAR(32) NOT NULL',
        'path TEXT NOT NULL',
        'formatter TEXT NOT NULL',
        'storage_class TEXT NOT NULL',
        'component VARCHAR(32) NOT NULL',
        'checksum TEXT',
        'file_size BIGINT',
      ],
      key: ['dataset_id', 'component'],
      indexes: [['path']],
    },
  ];
}
