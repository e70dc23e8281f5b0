import type { TopicRecord } from 'openfaas-sdk-ts';
import { decodeAlert } from '#shared/domain/alert/packet.ts';
import type { AlertRow } from './answers.ts';

/** Where the public topic holds a packet. */
export interface Place {
  readonly partition: number;
  readonly offset: bigint;
}

/** The newest alerts of the public topic: a row each, and where its packet is. */
export function newestAlerts({ keep = 500 }: { keep?: number } = {}) {
  let alerts = new Map<string, { row: AlertRow; place: Place }>();
  return {
    add(record: TopicRecord): void {
      const row = alertRow(record);
      // A second packet of an id is a repeat; the first one is the alert.
      if (!alerts.has(row.id))
        alerts.set(row.id, { row, place: { partition: record.partition, offset: record.offset } });
    },
    /** Sorts what came and forgets the oldest. */
    settle(): void {
      const newestFirst = [...alerts].sort(
        ([, a], [, b]) => b.row.publishedMs - a.row.publishedMs || compareIds(b.row.id, a.row.id),
      );
      alerts = new Map(newestFirst.slice(0, keep));
    },
    rows: (): AlertRow[] => [...alerts.values()].map(({ row }) => row),
    placeOf: (id: string): Place | undefined => alerts.get(id)?.place,
  };
}

/** Decimal texts by their value. */
const compareIds = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);

function alertRow({ value, timestampMs }: TopicRecord): AlertRow {
  const { diaSourceId, diaSource, diaObject } = decodeAlert(value);
  return {
    id: diaSourceId.toString(),
    ...(diaObject && { object: diaObject.diaObjectId.toString() }),
    visit: diaSource.visit.toString(),
    detector: diaSource.detector,
    raDeg: diaSource.ra,
    decDeg: diaSource.dec,
    band: diaSource.band,
    midpointMjdTai: diaSource.midpointMjdTai,
    fluxNjy: diaSource.psfFlux,
    fluxErrNjy: diaSource.psfFluxErr,
    snr: diaSource.snr,
    detections: diaObject?.nDiaSources ?? 1,
    publishedMs: timestampMs,
  };
}
