import { createHash } from 'node:crypto';

/** Values of a dataset's required dimensions, such as instrument, detector and exposure. */
export type DataId = Readonly<Record<string, string | number | bigint>>;

export interface DatasetName {
  readonly datasetType: string;
  /** Name of the collection of type RUN. */
  readonly run: string;
  readonly dataId: DataId;
}

/** Namespace of daf_butler's DatasetIdFactory. */
const namespace = Buffer.from('840b31d905cd5161b2c800d32b280d0f', 'hex');

/**
 * The deterministic dataset id of daf_butler (mode DATAID_TYPE_RUN): UUIDv5 (RFC 9562) of dataset type, run and the
 * data id in order of its dimensions' names. Lower case with dashes.
 */
export function datasetId({ datasetType, run, dataId }: DatasetName): string {
  const dimensions = Object.keys(dataId)
    .sort()
    .map((name) => `${name}=${dataId[name]}`);
  const name = [`dataset_type=${datasetType}`, `run=${run}`, ...dimensions].join(',');
  const digest = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  digest[6] = (digest[6] & 0x0f) | 0x50;
  digest[8] = (digest[8] & 0x3f) | 0x80;
  return digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
