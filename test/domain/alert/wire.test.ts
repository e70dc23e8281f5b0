import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avroType } from '#shared/domain/alert/avro-type.ts';
import { decodeBody, encodeFramed, frame, PacketError, unframe } from '#shared/domain/alert/wire.ts';
import { sharedData } from '../../support/shared-data.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

describe('unframe', () => {
  it.each([
    ['0000000002', 2],
    ['0000000004d3', 4],
    ['000000044d', 1101],
  ])('%s is of schema %i', (text, schemaId) => {
    expect(unframe(hex(text)).schemaId).toBe(schemaId);
  });

  it('says what is wrong with a short header and with another first byte', () => {
    expect(() => unframe(hex('00'))).toThrow('A packet of 1 bytes is too short');
    expect(() => unframe(hex('0100000002'))).toThrow('starts with byte 1');
  });

  it('undoes frame', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.uint8Array(), (schemaId, body) => {
        const framed = unframe(frame(schemaId, body));
        expect(framed.schemaId).toBe(schemaId);
        expect([...framed.body]).toEqual([...body]);
      }),
    );
  });

  const real = sharedData('alerts', 'lsst-v9.0-7912941781254298.wire');
  it.skipIf(!real)('takes a real packet apart and frame puts it together again', () => {
    const bytes = readFileSync(real!);
    const { schemaId, body } = unframe(bytes);
    expect(schemaId).toBe(900);
    expect(bytes.equals(frame(schemaId, body))).toBe(true);
  });
});

describe('encodeFramed', () => {
  const type = avroType({
    type: 'record',
    name: 'pair',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'data', type: 'bytes' },
    ],
  });

  it('grows for a value of any size, and what it returned before stays', () => {
    const small = encodeFramed(7, type, { id: -1n, data: Buffer.from('small') });
    const data = Buffer.alloc(3_000_000, 'x');
    const large = encodeFramed(7, type, { id: 2n ** 62n, data });
    const read = decodeBody(type, unframe(large).body) as { id: bigint; data: Buffer };
    expect(read.id).toBe(2n ** 62n);
    expect(read.data.equals(data)).toBe(true);
    expect(decodeBody(type, unframe(small).body)).toEqual({ id: -1n, data: Buffer.from('small') });
  });

  it('keeps every 64-bit integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (id) => {
        const { body } = unframe(encodeFramed(7, type, { id, data: Buffer.alloc(0) }));
        expect(decodeBody(type, body)).toMatchObject({ id });
      }),
      { numRuns: 200 },
    );
  });

  it('answers a cut body, and bytes behind it, with a PacketError', () => {
    const { body } = unframe(encodeFramed(7, type, { id: 2n ** 60n, data: Buffer.from('data') }));
    for (let length = 0; length < body.length; length++) {
      expect(() => decodeBody(type, body.subarray(0, length))).toThrow(PacketError);
    }
    expect(() => decodeBody(type, Buffer.concat([body, hex('00')]))).toThrow(PacketError);
  });
});
