import { describe, expect, it } from 'vitest';
import { avroType } from '#shared/domain/alert/avro-type.ts';
import { alertAvroSchema, alertSchemaId, alertTables } from '#shared/schemas/alert/avro.ts';

/**
 * CRC-64-AVRO of a UTF-8 text (Avro 1.12 specification, "Schema Fingerprints"), in hexadecimal with the low byte
 * first, as it stands in a single-object encoding and as fastavro prints it.
 */
function crc64Avro(text: string): string {
  const empty = 0xc15d213aa4d7a795n;
  const table = Array.from({ length: 256 }, (_, byte) => {
    let entry = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) entry = (entry >> 1n) ^ (entry & 1n ? empty : 0n);
    return entry;
  });
  let crc = empty;
  for (const byte of Buffer.from(text)) crc = (crc >> 8n) ^ table[Number((crc ^ BigInt(byte)) & 0xffn)];
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(crc);
  return bytes.toString('hex');
}

const canonicalForm = (version: keyof typeof alertTables) =>
  JSON.stringify(avroType(alertAvroSchema(version)).schema());

describe('alert schema 11.1', () => {
  it('has the canonical form that Rubin registers', () => {
    expect(canonicalForm('11.1')).toHaveLength(14603);
    expect(crc64Avro(canonicalForm('11.1'))).toBe('a960816bc1c3d70c');
  });

  it('is judged by a fingerprint that is right for the schema null (0x63dd24e7cc258f8a)', () => {
    expect(crc64Avro('"null"')).toBe('8a8f25cce724dd63');
  });

  it('gives null as the first branch and the default of whatever may be absent', () => {
    const text = JSON.stringify(alertAvroSchema('11.1'));
    expect(text.match(/\["null",/g)?.length).toBe(text.match(/"default":null/g)?.length);
  });

  it('documents every field', () => {
    const { alert, records } = alertTables['11.1'];
    for (const [name, , doc] of [alert, ...Object.values(records)].flat()) {
      expect(doc.length, name).toBeGreaterThan(5);
    }
  });
});

describe('alertSchemaId', () => {
  it.each([
    ['7.1', 701],
    ['10.0', 1000],
    ['11.1', 1101],
    ['13.12', 1312],
  ])('%s is %i', (version, id) => expect(alertSchemaId(version)).toBe(id));

  it('refuses a minor version that would collide with another major', () => {
    expect(() => alertSchemaId('7.100')).toThrow('a minor version above 99');
  });

  it.each(['11', '11.1.0', 'v11.1', ''])('refuses %j', (version) => {
    expect(() => alertSchemaId(version)).toThrow('not an alert schema version');
  });
});
