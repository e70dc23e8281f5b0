import {
  type DiaForcedSource,
  type DiaObject,
  type DiaSource,
  newDiaForcedSource,
  newDiaSource,
} from '#shared/domain/alert/row.ts';
import { packDiaSourceId } from '#shared/domain/ids/dia-source-id.ts';
import { parseExposureId } from '#shared/domain/ids/exposure-id.ts';
import type { ForcedFlux } from '#shared/domain/image/forced.ts';
import type { ExposureFacts } from '#shared/domain/visit/exposure.ts';
import type { NumberedSource } from './measured.ts';

/** What every row of one detector of one visit shares. */
export interface RowContext {
  readonly visit: bigint;
  readonly detector: number;
  readonly exposure: ExposureFacts;
  readonly processedMjdTai: number;
}

/** A measured source as a row: its measurements carry the schema's names, the rest is of the exposure. */
export const sourceRow = (source: NumberedSource, context: RowContext): DiaSource =>
  newDiaSource({
    ...source,
    visit: context.visit,
    detector: context.detector,
    diaObjectId: null,
    ssObjectId: null,
    midpointMjdTai: context.exposure.midpointMjdTai,
    exposureTime: context.exposure.exposureSeconds,
    band: context.exposure.band,
    timeProcessedMjdTai: context.processedMjdTai,
  });

/** Forced photometry of objects as rows: ids count from 1 in the order given, as the original's do. */
export function forcedRows(
  measured: readonly { readonly object: DiaObject; readonly flux: ForcedFlux }[],
  { visit, detector, exposure, processedMjdTai }: RowContext,
  releaseId: number,
): DiaForcedSource[] {
  const { dayObs, seqNum } = parseExposureId(visit);
  return measured.map(({ object, flux }, index) =>
    newDiaForcedSource({
      diaForcedSourceId: packDiaSourceId({ dayObs, seqNum, detector, releaseId, counter: index + 1 }),
      diaObjectId: object.diaObjectId,
      ra: object.ra,
      dec: object.dec,
      visit,
      detector,
      ...flux,
      midpointMjdTai: exposure.midpointMjdTai,
      band: exposure.band,
      timeProcessedMjdTai: processedMjdTai,
    }),
  );
}
