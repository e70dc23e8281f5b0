import { type Detector, detectorByName, findInstrument, type Instrument } from '../ids/instruments.ts';
import { parseObjectPath } from '../ids/object-key.ts';
import { datasetId } from './dataset-id.ts';
import { type ExposureRow, exposureRow } from './exposure-row.ts';
import { type Sidecar, textIn } from './sidecar.ts';

/** What one raw file's header says for the registry and the datastore. */
export interface RawRecord {
  readonly instrument: Instrument;
  readonly detector: Detector;
  readonly exposure: ExposureRow;
  readonly dataset: RawDataset;
  /** `s3://profile@bucket/key`: the file stays where it is (Butler's transfer mode `direct`). */
  readonly uri: string;
  readonly sizeBytes: number;
}

/** The dataset of a raw, by its id and where it belongs. */
export interface RawDataset {
  /** UUIDv5. */
  readonly id: string;
  readonly type: RawType;
  readonly run: string;
}

export type RawType = 'raw' | 'guider_raw';

/** How a guider's stamps and all other raws are recorded (obs_lsst, embargo-butler). */
export const rawTypes = {
  raw: { storageClass: 'Exposure', run: 'raw/all' },
  guider_raw: { storageClass: 'Stamps', run: 'raw/guider' },
} as const satisfies Record<RawType, { storageClass: string; run: string }>;

/** The dataset of one detector of an exposure. */
export function rawDataset(instrument: Instrument, detector: Detector, exposure: bigint): RawDataset {
  const type = detector.purpose === 'GUIDER' ? 'guider_raw' : 'raw';
  const run = `${instrument.name}/${rawTypes[type].run}`;
  const dataId = { instrument: instrument.name, detector: detector.number, exposure };
  return { id: datasetId({ datasetType: type, run, dataId }), type, run };
}

/**
 * What a raw says of itself. `path` is the object's, as it stands in the queues.
 * @throws RangeError or InvalidId naming what is missing or wrong.
 */
export function rawRecordOf(
  instrument: Instrument,
  sidecar: Sidecar,
  path: string,
  sizeBytes: number,
): RawRecord {
  const object = parseObjectPath(path);
  if (object.kind !== 'camera') throw new RangeError(`${path} is no camera's raw.`);
  const detector = detectorOf(instrument, sidecar);
  const exposure = exposureRow(instrument, sidecar, object.expId);
  const dataset = rawDataset(instrument, detector, exposure.id);
  return { instrument, detector, exposure, dataset, uri: `s3://${object.path}`, sizeBytes };
}

/** The instrument that a sidecar names. @throws RangeError where none of that name is known. */
export function instrumentOf(sidecar: Sidecar): Instrument {
  const name = textIn(sidecar, 'INSTRUME');
  const instrument = name === undefined ? undefined : findInstrument(name);
  if (!instrument)
    throw new RangeError(`The header's INSTRUME is ${name ?? 'missing'}, which is no known instrument.`);
  return instrument;
}

function detectorOf(instrument: Instrument, sidecar: Sidecar): Detector {
  const name = `${textIn(sidecar, 'RAFTBAY')}_${textIn(sidecar, 'CCDSLOT')}`;
  const detector = detectorByName(instrument, name);
  if (!detector)
    throw new RangeError(
      `The header's RAFTBAY and CCDSLOT give ${name}, which is no detector of ${instrument.name}.`,
    );
  return detector;
}
