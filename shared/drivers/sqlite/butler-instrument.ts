import { type RawType, rawTypes } from '../../domain/butler/raw-record.ts';
import { instrumentClass } from '../../domain/butler/rubin-names.ts';
import { skypix, visitSystems } from '../../domain/butler/visit.ts';
import type { Instrument } from '../../domain/ids/instruments.ts';
import { insertRow } from './butler-rows.ts';
import { createTagsTable } from './butler-tables.ts';
import type { Database } from './database.ts';

/** Rubin's largest exposure id: a simulated exposure of 2050 (obs_lsst). */
const largestExposureId = 7050123199999n;
/** Bound of detector numbers in Rubin's packed ids. */
const detectorMax = 1000;

/** Dimensions of a raw, in the order of the universe. */
const rawDimensions = ['instrument', 'detector', 'exposure'];

/** Code of a collection of the type RUN. */
const runType = 1;

/** Rows of an instrument and of the dataset types and runs of its raws, inside the caller's transaction. */
export function registerInstrument(database: Database, instrument: Instrument): void {
  const { name } = instrument;
  insertRow(database, 'instrument', {
    name,
    visit_max: largestExposureId,
    visit_system: visitSystems['by-seq-start-end'],
    exposure_max: largestExposureId,
    detector_max: detectorMax,
    class_name: instrumentClass(instrument),
  });
  for (const detector of instrument.detectors) {
    insertRow(database, 'detector', {
      instrument: name,
      id: detector.number,
      full_name: detector.name,
      name_in_raft: detector.sensor,
      raft: detector.raft,
      purpose: detector.purpose,
    });
  }
  for (const { physicalFilter, band } of instrument.filters) {
    insertRow(database, 'physical_filter', { instrument: name, name: physicalFilter, band });
  }
  for (const [system, id] of Object.entries(visitSystems)) {
    insertRow(database, 'visit_system', { instrument: name, id, name: system });
  }
  for (const element of ['visit', 'visit_detector_region']) {
    insertRow(database, `${element}_skypix_overlap_summary`, {
      skypix_system: skypix.system,
      skypix_level: skypix.level,
      instrument: name,
    });
  }
  for (const type of Object.keys(rawTypes) as RawType[]) registerRawType(database, name, type);
}

function registerRawType(database: Database, instrument: string, type: RawType): void {
  const { storageClass, run } = rawTypes[type];
  const known = database.prepare('SELECT 1 FROM dataset_type WHERE name = ?').get(type);
  if (!known) {
    const dimensions = dimensionsKey(database);
    insertRow(database, 'dataset_type', {
      name: type,
      storage_class: storageClass,
      dimensions_key: dimensions,
      tag_association_table: tagsTable(dimensions),
    });
  }
  insertRow(database, 'collection', { name: `${instrument}/${run}`, type: runType });
  database
    .prepare(
      'INSERT INTO run (collection_id) SELECT collection_id FROM collection WHERE name = ? ON CONFLICT DO NOTHING',
    )
    .run(`${instrument}/${run}`);
}

const tagsTable = (dimensions: number): string => `dataset_tags_${String(dimensions).padStart(8, '0')}`;

/** Id of the set of a raw's dimensions; where nothing has it yet, a new one, with its table of tags. */
function dimensionsKey(database: Database): number {
  const found = database
    .prepare(
      `SELECT dimension_graph_id AS id FROM dimension_graph_definition GROUP BY dimension_graph_id
       HAVING count(*) = ? AND count(*) FILTER (WHERE dimension_name IN (SELECT value FROM json_each(?))) = ?`,
    )
    .get(rawDimensions.length, JSON.stringify(rawDimensions), rawDimensions.length);
  if (found) return Number(found.id);
  const id = Number(
    database.prepare('INSERT INTO dimension_graph_key DEFAULT VALUES RETURNING id').get()?.id,
  );
  for (const dimension_name of rawDimensions) {
    insertRow(database, 'dimension_graph_definition', { dimension_graph_id: id, dimension_name });
  }
  database.connection.exec(createTagsTable(tagsTable(id), rawDimensions));
  return id;
}
