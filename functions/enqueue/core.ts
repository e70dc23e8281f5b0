import { createHash, timingSafeEqual } from 'node:crypto';
import { type CameraPath, type LfaPath, parseObjectPath } from '#shared/domain/ids/object-key.ts';
import { queueList } from '#shared/domain/ingest/lists.ts';
import type { ObjectEvent } from '#shared/domain/ingest/notification.ts';
import { receiptOf } from '#shared/domain/ingest/receipt.ts';
import type { QueueItem } from '#shared/ports/work-queue.ts';

export interface Rules {
  /** Absent: records need no secret (the bucket's topic is trusted by its own access rules). */
  readonly secret?: string;
  /** Searched in `profile@bucket/key`. */
  readonly pattern: RegExp;
  readonly profile?: string;
}

/** What is to be done with an event: into a list, aside, or nothing. */
export type Plan =
  | { readonly kind: 'queue'; readonly list: string; readonly item: QueueItem; readonly info: Info }
  | { readonly kind: 'aside'; readonly list: string; readonly path: string; readonly why: string }
  | { readonly kind: 'skip'; readonly why: string };

/** The original's answer for one accepted record, by its own names. */
export interface Info {
  readonly path: string;
  readonly bucket: string;
  readonly instrument: string;
  readonly filename: string;
  readonly obs_day: string;
  readonly exp_id?: string;
  readonly instrument_code?: string;
  readonly controller?: string;
  readonly seq_num?: string;
}

/** Decides over one event (embargo-butler's rules, but for the ones that lose data). */
export function planEvent(event: ObjectEvent, rules: Rules, receivedMs: number): Plan {
  if (rules.secret !== undefined && !sameText(event.opaqueData ?? '', rules.secret)) {
    return { kind: 'skip', why: 'wrong secret' };
  }
  // Without an event name it is a manual trigger, which the original accepts.
  if (event.eventName && !/^(s3:)?ObjectCreated/.test(event.eventName)) {
    return { kind: 'skip', why: 'not a creation' };
  }
  const bucket = rules.profile ? `${rules.profile}@${event.bucket}` : event.bucket;
  const path = `${bucket}/${event.key}`;
  if (!rules.pattern.test(path)) return { kind: 'skip', why: 'filtered' };
  const list = queueList(bucket);
  try {
    const parsed = parseObjectPath(path);
    const { eTag, sequencer } = event;
    const item = { item: path, eTag, sequencer, receipt: receiptOf(parsed, receivedMs) };
    return { kind: 'queue', list, info: infoOf(parsed), item };
  } catch (error) {
    return { kind: 'aside', list, path, why: error instanceof Error ? error.message : String(error) };
  }
}

const infoOf = (path: CameraPath | LfaPath): Info => ({
  path: path.path,
  bucket: path.bucket,
  instrument: path.instrument,
  filename: path.filename,
  obs_day: path.obsDay,
  ...(path.kind === 'camera' && {
    exp_id: path.expId,
    instrument_code: path.instrumentCode,
    controller: path.controller,
    seq_num: path.seqNum,
  }),
});

/** Compares in a time that tells nothing of where two texts differ. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
