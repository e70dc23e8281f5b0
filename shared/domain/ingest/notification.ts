import { isObject } from '../json/parse.ts';

/** One object that a bucket tells of. */
export interface ObjectEvent {
  readonly bucket: string;
  /** Decoded. */
  readonly key: string;
  /** Absent where nothing but a name was sent (a manual trigger). */
  readonly eventName?: string;
  readonly eTag?: string;
  /** Hexadecimal, a number that rises with each version of the object. */
  readonly sequencer?: string;
  /** The topic's OpaqueData: the shared secret. */
  readonly opaqueData?: string;
}

/** One record of a notification: an event, or why it is none. */
export type ParsedRecord =
  | { readonly event: ObjectEvent }
  | { readonly event?: undefined; readonly why: string };

/**
 * Reads an S3 event (`{"Records": [...]}`) of Ceph or AWS, record by record, so that a bad one leaves its neighbours alone.
 * @throws RangeError where the body has no list of records at all.
 */
export function parseRecords(body: unknown): ParsedRecord[] {
  const records = isObject(body) ? body.Records : undefined;
  if (!Array.isArray(records)) throw new RangeError('The notification has no list "Records".');
  return records.map(parseRecord);
}

/** The readable events of a record of the bucket's topic. @throws SyntaxError or RangeError where it is no notification. */
export function parseNotification(value: Uint8Array): ObjectEvent[] {
  const parsed = parseRecords(JSON.parse(Buffer.from(value).toString()));
  return parsed.flatMap(({ event }) => (event ? [event] : []));
}

function parseRecord(record: unknown): ParsedRecord {
  if (!isObject(record)) return { why: `A record is ${JSON.stringify(record)}, not an object.` };
  const s3 = isObject(record.s3) ? record.s3 : {};
  const bucket = isObject(s3.bucket) ? s3.bucket.name : undefined;
  const object = isObject(s3.object) ? s3.object : {};
  if (typeof bucket !== 'string' || bucket === '') return { why: 'A record lacks s3.bucket.name.' };
  if (typeof object.key !== 'string' || object.key === '') return { why: 'A record lacks s3.object.key.' };
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? value : undefined;
  const sequencer = text(object.sequencer);
  return {
    event: {
      bucket,
      key: isCeph(record) ? object.key : unquotePlus(object.key),
      eventName: text(record.eventName),
      eTag: text(object.eTag)?.replaceAll('"', ''),
      ...(sequencer &&
        /^[0-9a-f]+$/i.test(sequencer) && { sequencer: isCeph(record) ? swapHalves(sequencer) : sequencer }),
      opaqueData: text(record.opaqueData) ?? '',
    },
  };
}

/** Ceph sends keys as they are, AWS and the original's own tools percent-encode them. */
const isCeph = (record: Record<string, unknown>): boolean =>
  typeof record.eventSource === 'string' && record.eventSource.startsWith('ceph');

/**
 * Ceph's sequencer is its time stamp as it lies in memory: seconds and nanoseconds, 4 bytes each, the least first (RGW
 * 16 to 19), so that it does not rise as a number. With the bytes of both halves turned round it does, and back again.
 */
export const swapHalves = (sequencer: string): string =>
  /^[0-9a-f]{16}$/i.test(sequencer)
    ? Buffer.from(sequencer, 'hex').swap32().toString('hex').toUpperCase()
    : sequencer;

/** Python's `unquote_plus`: `+` is a space; what is no percent-encoding stays as it is. */
export function unquotePlus(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  return spaced.replace(/(%[0-9a-f]{2})+/gi, (encoded) =>
    Buffer.from(encoded.replaceAll('%', ''), 'hex').toString(),
  );
}
