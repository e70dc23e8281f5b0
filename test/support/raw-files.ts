import { writeFits } from '#shared/domain/fits/write.ts';
import { type Detector, findInstrument } from '#shared/domain/ids/instruments.ts';
import { rawKey, sidecarKey } from '#shared/domain/ids/object-key.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';

/** A raw as small as one can be: its primary header with what ingest reads, without pixels. */
export interface RawFileOptions {
  readonly seqNum: number;
  readonly detector: number;
  readonly instrument?: string;
  readonly group?: string;
  /** Keywords that differ, or, with undefined, lack. */
  readonly header?: Readonly<Record<string, unknown>>;
}

const dayObs = 20260101;

/** Path in the queues, key, header and group of a raw; the bucket is `raw`. */
export function rawFile({
  seqNum,
  detector,
  instrument: name = 'SimCam',
  group,
  header = {},
}: RawFileOptions) {
  const instrument = findInstrument(name)!;
  const { raft, sensor } = instrument.detectors.find(({ number }) => number === detector) as Detector;
  const key = rawKey(instrument, { dayObs, seqNum, controller: 'O' }, detector);
  const groupId = group ?? `2026-01-02T03:04:05.${String(seqNum).padStart(3, '0')}#1`;
  const keywords: Record<string, unknown> = {
    ...{ INSTRUME: name, GROUPID: groupId, CURINDEX: 1, MAXINDEX: 1, RAFTBAY: raft, CCDSLOT: sensor },
    ...{ IMGTYPE: 'OBJECT', FILTER: name === 'SimCam' ? 'r_sim' : 'i_39', EXPTIME: 30, VIGN_MIN: 'NO' },
    ...{ TIMESYS: 'TAI', 'DATE-BEG': '2026-01-02T03:04:35.000', 'DATE-END': '2026-01-02T03:05:05.500' },
    ...{ RA: 53.1, DEC: -28.1, ROTPA: 12.5, ROTCOORD: 'sky' },
    ...header,
  };
  return { instrument, key, path: `raw/${key}`, groupId, keywords };
}

export type RawFile = ReturnType<typeof rawFile>;

/** The raw as FITS: a primary header of these keywords. */
export const fitsOf = ({ keywords }: RawFile): Uint8Array =>
  writeFits([
    {
      header: Object.entries(keywords).flatMap(([keyword, value]) =>
        typeof value === 'string' || typeof value === 'number' ? [{ keyword, value }] : [],
      ),
    },
  ]);

export const sidecarOf = ({ keywords }: RawFile): Uint8Array =>
  Buffer.from(JSON.stringify({ __CONTENT__: 'metadata', ...keywords }));

/** Puts the raw into its bucket, sidecar first as a camera does. */
export async function putRaw(
  store: ObjectStore,
  raw: RawFile,
  files: 'both' | 'no sidecar' = 'both',
): Promise<void> {
  if (files === 'both') await store.put(sidecarKey(raw.key), sidecarOf(raw));
  await store.put(raw.key, fitsOf(raw));
}
