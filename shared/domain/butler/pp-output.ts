import { parseExposureId } from '../ids/exposure-id.ts';
import { exactJson } from '../json/exact.ts';
import { datasetId } from './dataset-id.ts';

/** What process-detector has stored of one detector of one visit. */
export interface PromptOutput {
  readonly instrument: string;
  readonly visit: bigint;
  readonly detector: number;
  /** `path`: key in the datastore, relative to its root. Both types of ours are images with variance and mask. */
  readonly datasets: readonly { readonly type: string; readonly path: string }[];
}

/** Formatter of the storage class ExposureF, which the images' dataset types have. */
const formatter = 'lsst.obs.base.formatters.fitsExposure.FitsExposureFormatter';

/**
 * JSON text of the message `pp-output` to the Butler's writer (butler_writer's PromptProcessingOutputEvent). The
 * original sends random ids; these are deterministic, so that a message that is sent again is the same one. It has
 * no dimension records, since ingest-batch has written exposure, visit and regions of every raw.
 */
export function ppOutput({ instrument, visit, detector, datasets }: PromptOutput): string {
  const run = outputRun(instrument, visit);
  const dataId = { instrument, detector, visit };
  return exactJson({
    type: 'pp-output',
    dimension_records: [],
    datasets: datasets.map(({ type, path }) => ({
      refs: {
        [datasetId({ datasetType: type, run, dataId })]: {
          dataset_type_name: type,
          run,
          data_id: dataId,
        },
      },
      path,
      formatter,
    })),
  });
}

/** `LSSTCam/prompt/output-2025-05-21/ApPipe/nightshift`: the original's form, its last part naming the software. */
function outputRun(instrument: string, visit: bigint): string {
  const day = String(parseExposureId(visit).dayObs);
  return `${instrument}/prompt/output-${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}/ApPipe/nightshift`;
}
