import { PacketError, unframe } from './wire.ts';

/** What identifies an alert, read from its first bytes. */
export interface AlertHeader {
  readonly schemaId: number;
  readonly diaSourceId: bigint;
  readonly visit: bigint;
  readonly detector: number;
}

/**
 * Reads an alert's id, visit and detector without decoding it. From schema 8.0 to 11.1 an alert starts with
 * diaSourceId, two nullable strings and the diaSource, which starts with diaSourceId, visit, detector. Throws
 * PacketError for any other schema and for bytes that do not fit.
 */
export function readHeader(packet: Uint8Array): AlertHeader {
  const { schemaId, body } = unframe(packet);
  refuseOtherLayouts(schemaId);
  const cursor = { bytes: body, at: 0 };
  const diaSourceId = readLong(cursor);
  skipNullableString(cursor, 'observation_reason');
  skipNullableString(cursor, 'target_name');
  // The diaSource's own id: the same in every alert of a survey, but not in the sample that Rubin publishes.
  readLong(cursor);
  return { schemaId, diaSourceId, visit: readLong(cursor), detector: Number(readLong(cursor)) };
}

/** The id alone: the header of 5 bytes and one variable-length integer. */
export function readDiaSourceId(packet: Uint8Array): bigint {
  const { schemaId, body } = unframe(packet);
  refuseOtherLayouts(schemaId);
  return readLong({ bytes: body, at: 0 });
}

function refuseOtherLayouts(schemaId: number): void {
  if (schemaId < 800 || schemaId > 1101) {
    throw new PacketError(
      `Schema ${schemaId} is none of the alert schemas 8.0 to 11.1, whose first fields are known.`,
    );
  }
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** An Avro long: base 128, low digits first, zig-zag. Digits 0 to 6 (49 bits) are exact in a double, the rest above. */
function readLong(cursor: Cursor): bigint {
  let low = 0;
  let high = 0;
  for (let digit = 0; digit < 10; digit++) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined)
      throw new PacketError(`A packet ends within its first fields, at byte ${cursor.at + 4}.`);
    if (digit < 7) low += (byte & 0x7f) * 2 ** (7 * digit);
    else high += (byte & 0x7f) * 2 ** (7 * (digit - 7));
    if (byte < 0x80 && high < 2 ** 15) {
      const zigzag = (BigInt(high) << 49n) + BigInt(low);
      return (zigzag >> 1n) ^ -(zigzag & 1n);
    }
  }
  throw new PacketError('A packet has an integer of more than 64 bits among its first fields.');
}

function skipNullableString(cursor: Cursor, field: string): void {
  const branch = readLong(cursor);
  if (branch === 0n) return;
  const length = branch === 1n ? readLong(cursor) : -1n;
  if (length < 0n || length > BigInt(cursor.bytes.length - cursor.at)) {
    throw new PacketError(`The ${field} of a packet is neither null nor a text that ends within it.`);
  }
  cursor.at += Number(length);
}
