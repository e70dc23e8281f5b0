import { createHash } from 'node:crypto';
import { parseSlot } from '../ids/slot.ts';
import { readDiaSourceId } from './header.ts';
import { PacketError } from './wire.ts';

/** The topic on which bundles are announced, keyed by {@link noticeKey}. */
export const bundleTopic = 'alert-bundles';

/** All alerts of one detector, ready to publish: per packet a 4-byte big-endian length and the wire bytes, by id. */
export interface Bundle {
  readonly bytes: Uint8Array;
  /** Number of packets. */
  readonly count: number;
  /** Of the bytes, lower-case hexadecimal. */
  readonly sha256: string;
}

export interface BundlePacket {
  readonly diaSourceId: bigint;
  /** Confluent framing and Avro body; a view on the bundle. */
  readonly wire: Uint8Array;
}

/** Announces a bundle. */
export interface BundleNotice {
  /** In text form. */
  readonly slot: string;
  readonly visit: bigint;
  readonly detector: number;
  readonly attempt: number;
  /** Where the bundle is. */
  readonly uri: string;
  readonly count: number;
  readonly sha256: string;
}

const lengthBytes = 4;

/** Packs wire packets, given in any order. Throws PacketError where two have one id. */
export function writeBundle(packets: readonly Uint8Array[]): Bundle {
  const sorted = packets
    .map((wire) => ({ wire, id: readDiaSourceId(wire) }))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const twice = sorted.find(({ id }, index) => index > 0 && sorted[index - 1].id === id);
  if (twice)
    throw new PacketError(
      `Two alerts of one bundle have the diaSourceId ${twice.id}; each may be there once.`,
    );
  const bytes = Buffer.allocUnsafeSlow(sorted.reduce((sum, { wire }) => sum + lengthBytes + wire.length, 0));
  let at = 0;
  for (const { wire } of sorted) {
    at = bytes.writeUInt32BE(wire.length, at);
    bytes.set(wire, at);
    at += wire.length;
  }
  return { bytes, count: sorted.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The packets of a bundle, one by one. Throws PacketError where it is cut, holds no alert, or is out of order. */
export function* readBundle(bytes: Uint8Array): Generator<BundlePacket> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let before: bigint | undefined;
  for (let at = 0; at < bytes.length; ) {
    const length = at + lengthBytes <= bytes.length ? view.getUint32(at) : undefined;
    if (length === undefined || at + lengthBytes + length > bytes.length) {
      throw new PacketError(
        `A bundle of ${bytes.length} bytes is cut within the packet that begins at byte ${at}.`,
      );
    }
    const wire = bytes.subarray(at + lengthBytes, at + lengthBytes + length);
    const diaSourceId = readDiaSourceId(wire);
    if (before !== undefined && diaSourceId <= before) {
      throw new PacketError(`In a bundle the alert ${diaSourceId} comes after ${before}; they must ascend.`);
    }
    yield { diaSourceId, wire };
    before = diaSourceId;
    at += lengthBytes + length;
  }
}

/** Where the bundle of an attempt is, in the products bucket. */
export const bundleKey = (claim: { visit: bigint; detector: number; attempt: number }): string =>
  `bundles/${claim.visit}/${claim.detector}/${claim.attempt}`;

/** The record key of a notice: what is announced of one detector stays in order. */
export const noticeKey = (notice: { visit: bigint; detector: number }): string =>
  `${notice.visit}/${notice.detector}`;

/** The notice as JSON; the visit is a decimal string. */
export const formatNotice = (notice: BundleNotice): string =>
  JSON.stringify({
    slot: notice.slot,
    visit: notice.visit.toString(),
    detector: notice.detector,
    attempt: notice.attempt,
    uri: notice.uri,
    count: notice.count,
    sha256: notice.sha256,
  });

/** Reads a notice. Throws SyntaxError where it is no JSON, RangeError or InvalidId naming what does not fit. */
export function parseNotice(value: Uint8Array | string): BundleNotice {
  const text = typeof value === 'string' ? value : Buffer.from(value).toString();
  const notice: unknown = JSON.parse(text);
  const field = <T>(name: keyof BundleNotice, fits: (value: unknown) => value is T): T => {
    const given = typeof notice === 'object' && notice !== null ? Reflect.get(notice, name) : undefined;
    if (fits(given)) return given;
    throw new RangeError(`A bundle's notice has ${JSON.stringify(given)} as ${name}: ${text.slice(0, 300)}`);
  };
  const slot = field('slot', isText);
  parseSlot(slot);
  return {
    slot,
    visit: BigInt(field('visit', isDigits)),
    detector: field('detector', isCount),
    attempt: field('attempt', isCount),
    uri: field('uri', isText),
    count: field('count', isCount),
    sha256: field('sha256', isDigest),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isDigits = (value: unknown): value is string => typeof value === 'string' && /^\d+$/.test(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isDigest = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
