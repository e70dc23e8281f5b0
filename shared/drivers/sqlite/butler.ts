import type { ExposureRow } from '../../domain/butler/exposure-row.ts';
import type { RawRecord } from '../../domain/butler/raw-record.ts';
import { type VisitRegions, visitRegions } from '../../domain/butler/visit.ts';
import { taiNsFromUnixNs } from '../../domain/time/scales.ts';
import type { Butler, IngestOutcome } from '../../ports/butler.ts';
import { effect } from '../effects.ts';
import type { EmbeddedOptions } from './bus.ts';
import { registerInstrument } from './butler-instrument.ts';
import { openRepository } from './butler-repository.ts';
import { type DatasetPlace, insertDataset, insertExposure, insertVisit } from './butler-rows.ts';
import { type Database, read, write } from './database.ts';

/** Butler on the repository in NIGHTSHIFT_DATA/butler. */
export async function sqliteButler(options: EmbeddedOptions): Promise<Butler> {
  const registry = await openRepository(options);
  return {
    async register(instrument) {
      await write(registry, () => registerInstrument(registry, instrument));
      effect('butler.register');
    },

    async ingestRaws(records) {
      const outcomes = new Map<RawRecord, IngestOutcome>();
      const nameOf = ({ exposure }: RawRecord) => `${exposure.instrument}/${exposure.id}/${exposure.obs_id}`;
      const byExposure = Map.groupBy(records, nameOf);
      for (const group of byExposure.values()) {
        for (const [i, outcome] of (await ingestExposure(registry, group)).entries()) {
          outcomes.set(group[i], outcome);
        }
      }
      return records.map((record) => outcomes.get(record)!);
    },

    async known(datasetIds) {
      const ids = new Map(datasetIds.map((id) => [id.replaceAll('-', ''), id]));
      const rows = await read(registry, () =>
        registry
          .prepare('SELECT id FROM dataset WHERE id IN (SELECT value FROM json_each(?))')
          .all(JSON.stringify([...ids.keys()])),
      );
      return new Set(rows.map(({ id }) => ids.get(String(id))!));
    },

    async close() {
      registry.close();
    },
  };
}

/** All raws of one exposure in one transaction; where the registry's own rules refuse that, each in its own. */
async function ingestExposure(registry: Database, records: readonly RawRecord[]): Promise<IngestOutcome[]> {
  const maker = await read(registry, () => makerOf(registry, records));
  const lacksVisit = maker && (await read(registry, () => !hasVisit(registry, maker)));
  // Some milliseconds of geometry, outside the lock.
  const regions = lacksVisit ? visitRegions(records[0].instrument, maker) : undefined;
  try {
    const outcomes = await write(registry, () => ingestInTransaction(registry, records, maker, regions));
    effect('butler.ingestRaws');
    return outcomes;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (records.length === 1) return refuse(records, `the registry refuses it: ${error.message}`);
    const outcomes: IngestOutcome[] = [];
    for (const record of records) outcomes.push(...(await ingestExposure(registry, [record])));
    return outcomes;
  }
}

/**
 * What the exposure is, if it has to be made: guiders do not make one, and all other raws should say the same, so
 * the first that says what the registry can take.
 */
function makerOf(registry: Database, records: readonly RawRecord[]): ExposureRow | undefined {
  const exposures = records.filter(({ dataset }) => dataset.type === 'raw').map(({ exposure }) => exposure);
  return exposures.find((exposure) => !unregistered(registry, exposure)) ?? exposures[0];
}

function ingestInTransaction(
  registry: Database,
  records: readonly RawRecord[],
  maker: ExposureRow | undefined,
  regions: VisitRegions | undefined,
): IngestOutcome[] {
  const [{ exposure }] = records;
  const known = exposuresLike(registry, exposure);
  const other = known.find(({ id, obs_id }) => id !== exposure.id || obs_id !== exposure.obs_id);
  if (other) {
    return refuse(records, `the registry has ${other.obs_id} as exposure ${other.id}, not as ${exposure.id}`);
  }
  if (known.length === 0) {
    if (!maker) return records.map(() => ({ kind: 'no exposure' }));
    const missing = unregistered(registry, maker);
    if (missing) return refuse(records, missing);
    insertExposure(registry, maker);
  }
  if (maker && regions && !hasVisit(registry, maker)) insertVisit(registry, maker, regions);
  const now = taiNsFromUnixNs(BigInt(Date.now()) * 1_000_000n);
  return records.map((record) => ingestOne(registry, record, now));
}

const refuse = (records: readonly RawRecord[], why: string): IngestOutcome[] =>
  records.map(() => ({ kind: 'conflict', why }));

/** Exposures of the registry that have this one's id or name: at most itself, where all is well. */
const exposuresLike = (registry: Database, { instrument, id, obs_id }: ExposureRow) =>
  registry
    .prepareBig('SELECT id, obs_id FROM exposure WHERE instrument = ? AND (id = ? OR obs_id = ?)')
    .all(instrument, id, obs_id);

/** What the registry would have to know before it can take an exposure. */
function unregistered(registry: Database, { instrument, physical_filter }: ExposureRow): string | undefined {
  if (!registry.prepare('SELECT 1 FROM instrument WHERE name = ?').get(instrument)) {
    return `the instrument ${instrument} is not registered in the Butler repository`;
  }
  const filter = registry
    .prepare('SELECT 1 FROM physical_filter WHERE instrument = ? AND name = ?')
    .get(instrument, physical_filter);
  return filter ? undefined : `${physical_filter} is no filter of ${instrument} in the Butler repository`;
}

function ingestOne(registry: Database, record: RawRecord, ingestDate: bigint): IngestOutcome {
  const { instrument, detector, exposure, dataset } = record;
  const place = placeOf(registry, record);
  if (!place)
    return {
      kind: 'conflict',
      why: `the dataset type ${dataset.type} or the run ${dataset.run} is not registered`,
    };
  const tagged = registry
    .prepare(
      `SELECT dataset_id FROM "${place.tagsTable}"
       WHERE dataset_type_id = ? AND collection_id = ? AND instrument = ? AND detector = ? AND exposure = ?`,
    )
    .get(place.typeId, place.runId, instrument.name, detector.number, exposure.id);
  if (tagged && tagged.dataset_id !== dataset.id.replaceAll('-', '')) {
    return {
      kind: 'conflict',
      why: `${dataset.run} has this detector and exposure as dataset ${tagged.dataset_id}`,
    };
  }
  return { kind: insertDataset(registry, record, place, ingestDate) ? 'ingested' : 'present' };
}

function placeOf(registry: Database, { dataset }: RawRecord): DatasetPlace | undefined {
  const type = registry
    .prepare('SELECT id, tag_association_table FROM dataset_type WHERE name = ?')
    .get(dataset.type);
  const run = registry
    .prepare('SELECT collection_id FROM collection JOIN run USING (collection_id) WHERE name = ?')
    .get(dataset.run);
  if (!type || !run) return undefined;
  return {
    typeId: Number(type.id),
    tagsTable: String(type.tag_association_table),
    runId: Number(run.collection_id),
  };
}

const hasVisit = (registry: Database, { instrument, id }: ExposureRow): boolean =>
  registry
    .prepare('SELECT 1 FROM visit_definition WHERE instrument = ? AND exposure = ?')
    .get(instrument, id) !== undefined;

/** SQLITE_CONSTRAINT: a key, check or reference of the registry's tables. */
const SQLITE_CONSTRAINT = 19;

const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_CONSTRAINT;
