import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readDiaSourceId, readHeader } from '#shared/domain/alert/header.ts';
import { buildAlert, encodeAlert } from '#shared/domain/alert/packet.ts';
import { frame, PacketError } from '#shared/domain/alert/wire.ts';
import { someObject, someSource } from '../../support/alert-rows.ts';
import { sharedData } from '../../support/shared-data.ts';

const packet = (given: Parameters<typeof someSource>[0], reason = '', target = '') => {
  const diaSource = someSource({ ...given, diaObjectId: 1n });
  const belongsTo = { diaObject: someObject({ diaObjectId: 1n }), sources: [], forcedSources: [] };
  const stamps = { difference: null, science: null, template: null };
  return encodeAlert(
    buildAlert({ diaSource, belongsTo, stamps, observationReason: reason, targetName: target }),
  );
};

it('reads any 64-bit id, visit and detector as the full decoder would, whatever the texts between', () => {
  const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const detector = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(
      long,
      long,
      detector,
      fc.string(),
      fc.string(),
      (diaSourceId, visit, detector, reason, target) => {
        const wire = packet({ diaSourceId, visit, detector }, reason, target);
        expect(readHeader(wire)).toEqual({ schemaId: 1101, diaSourceId, visit, detector });
        expect(readDiaSourceId(wire)).toBe(diaSourceId);
      },
    ),
    { numRuns: 200 },
  );
});

it('answers every cut within the first fields with a PacketError', () => {
  const wire = packet({ diaSourceId: 169760235333878021n }, 'reason', 'target');
  const needed = 5 + 9 + 1 + 1 + 6 + 1 + 1 + 6 + 9 + 6 + 2;
  expect(readHeader(wire.subarray(0, needed)).detector).toBe(130);
  for (let length = 0; length < needed; length++) {
    expect(() => readHeader(wire.subarray(0, length)), `${length} bytes`).toThrow(PacketError);
  }
});

it('refuses a schema whose first fields are others', () => {
  expect(() => readHeader(frame(704, new Uint8Array(100)))).toThrow('Schema 704 is none of');
});

it('refuses an integer of more than 64 bits', () => {
  const body = Uint8Array.from([...Array(9).fill(0xff), 2]);
  expect(() => readDiaSourceId(frame(1101, body))).toThrow('more than 64 bits');
});

it('takes the id of the alert where its diaSource has another, as in the sample that Rubin publishes', () => {
  const body = Uint8Array.from([2, 0, 0, 4, 6, 8]);
  expect(readHeader(frame(1101, body))).toEqual({ schemaId: 1101, diaSourceId: 1n, visit: 3n, detector: 4 });
});

const real = sharedData('alerts', 'lsst-v9.0-7912941781254298.wire');
it.skipIf(!real)('reads a real alert of schema 9.0', () => {
  const header = { schemaId: 900, diaSourceId: 7912941781254298n, visit: 943296n, detector: 168 };
  expect(readHeader(readFileSync(real!))).toEqual(header);
});
