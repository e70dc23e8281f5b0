import type { SQLInputValue } from 'node:sqlite';
import type { ExposureRow } from '../../domain/butler/exposure-row.ts';
import type { RawRecord } from '../../domain/butler/raw-record.ts';
import { rawTypes } from '../../domain/butler/raw-record.ts';
import { rawFormatter } from '../../domain/butler/rubin-names.ts';
import { dayObsTimespan, type Timespan } from '../../domain/butler/timespan.ts';
import {
  encodeRegion,
  type Region,
  skypix,
  type VisitRegions,
  visitSystems,
} from '../../domain/butler/visit.ts';
import { datastoreName } from './butler-repository.ts';
import type { Database } from './database.ts';

type Row = Readonly<Record<string, SQLInputValue | boolean>>;

/** Inserts a row where none of its keys is there yet; answers whether it did. */
export function insertRow(database: Database, table: string, row: Row): boolean {
  const columns = Object.keys(row);
  const names = columns.map((name) => `"${name}"`).join(', ');
  const values = Object.values(row).map((value) => (typeof value === 'boolean' ? Number(value) : value));
  const { changes } = database
    .prepare(
      `INSERT INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
    )
    .run(...values);
  return changes === 1;
}

const inColumns = ({ begin, end }: Timespan): Row => ({ timespan_begin: begin, timespan_end: end });
const inText = (region: Region): string => encodeRegion(region.region).toString('base64');

/** Group, day and the exposure itself. */
export function insertExposure(database: Database, { timespan, ...exposure }: ExposureRow): void {
  const { instrument, group, day_obs } = exposure;
  insertRow(database, 'group', { instrument, name: group });
  insertRow(database, 'day_obs', { instrument, id: day_obs, ...inColumns(dayObsTimespan(day_obs)) });
  insertRow(database, 'exposure', { ...exposure, ...inColumns(timespan) });
}

/** The visit that an exposure makes, in the order of daf_butler. */
export function insertVisit(database: Database, exposure: ExposureRow, visit: VisitRegions): void {
  const { instrument, id, day_obs, physical_filter, seq_num, exposure_time, azimuth, zenith_angle } =
    exposure;
  const { target_name, observation_reason, science_program } = exposure;
  const trixel = { skypix_system: skypix.system, skypix_level: skypix.level, instrument };
  insertRow(database, 'visit', {
    ...{ instrument, id, day_obs, physical_filter, name: exposure.obs_id, seq_num, exposure_time },
    ...{ target_name, observation_reason, science_program, azimuth, zenith_angle },
    region: inText(visit),
    ...inColumns(exposure.timespan),
  });
  for (const skypix_index of visit.trixels) {
    insertRow(database, 'visit_skypix_overlap', { ...trixel, visit: id, skypix_index });
  }
  insertRow(database, 'visit_definition', { instrument, exposure: id, visit: id });
  insertRow(database, 'visit_system_membership', {
    instrument,
    visit_system: visitSystems['one-to-one'],
    visit: id,
  });
  for (const region of visit.detectors) {
    const { detector } = region;
    insertRow(database, 'visit_detector_region', { instrument, detector, visit: id, region: inText(region) });
    for (const skypix_index of region.trixels) {
      const overlap = { ...trixel, detector, visit: id, skypix_index };
      insertRow(database, 'visit_detector_region_skypix_overlap', overlap);
    }
  }
}

/** Where the registry keeps a dataset type in a run. */
export interface DatasetPlace {
  readonly typeId: number;
  readonly tagsTable: string;
  readonly runId: number;
}

/** Rows of one raw, in an order that foreign keys allow; `ingestDate` in ns TAI. Answers whether it is new. */
export function insertDataset(
  database: Database,
  { instrument, detector, exposure, dataset, uri, sizeBytes }: RawRecord,
  { typeId, tagsTable, runId }: DatasetPlace,
  ingestDate: bigint,
): boolean {
  const id = dataset.id.replaceAll('-', '');
  const isNew = insertRow(database, 'dataset', {
    id,
    dataset_type_id: typeId,
    run_id: runId,
    ingest_date: ingestDate,
  });
  const collection = { collection_id: runId };
  insertRow(database, 'collection_summary_dataset_type', { ...collection, dataset_type_id: typeId });
  insertRow(database, 'collection_summary_instrument', { ...collection, instrument: instrument.name });
  insertRow(database, tagsTable, {
    dataset_type_id: typeId,
    dataset_id: id,
    collection_id: runId,
    instrument: instrument.name,
    detector: detector.number,
    exposure: exposure.id,
  });
  insertRow(database, 'dataset_location', { datastore_name: datastoreName, dataset_id: id });
  insertRow(database, 'file_datastore_records', {
    dataset_id: id,
    path: uri,
    formatter: rawFormatter(instrument, dataset.type),
    storage_class: rawTypes[dataset.type].storageClass,
    component: '__NULL_STRING__',
    checksum: null,
    file_size: sizeBytes,
  });
  return isNew;
}
