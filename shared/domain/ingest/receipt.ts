import type { CameraPath, LfaPath } from '../ids/object-key.ts';

/** What the statistics of received files are counted by (the original's REC:, RECINSTR: and MAXSEQ: keys). */
export interface Receipt {
  readonly bucket: string;
  readonly instrument: string;
  readonly obsDay: string;
  /** Absent in the Large File Annex. */
  readonly seqNum?: number;
  /** Unix ms. */
  readonly receivedMs: number;
}

export function receiptOf(path: CameraPath | LfaPath, receivedMs: number): Receipt {
  const { bucket, instrument, obsDay } = path;
  const seqNum = path.kind === 'camera' ? Number(path.seqNum) : undefined;
  return { bucket, instrument, obsDay, seqNum, receivedMs };
}
