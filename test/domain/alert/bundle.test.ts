import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bundleKey,
  formatNotice,
  noticeKey,
  parseNotice,
  readBundle,
  writeBundle,
} from '#shared/domain/alert/bundle.ts';
import { readDiaSourceId } from '#shared/domain/alert/header.ts';
import { buildAlert, encodeAlert } from '#shared/domain/alert/packet.ts';
import { PacketError } from '#shared/domain/alert/wire.ts';
import { someObject, someSource } from '../../support/alert-rows.ts';

const packet = (diaSourceId: bigint, stamp = 0): Uint8Array =>
  encodeAlert(
    buildAlert({
      diaSource: someSource({ diaSourceId, diaObjectId: diaSourceId }),
      belongsTo: { diaObject: someObject({ diaObjectId: diaSourceId }), sources: [], forcedSources: [] },
      stamps: { difference: new Uint8Array(stamp), science: null, template: null },
      observationReason: '',
      targetName: '',
    }),
  );

const ids = fc.uniqueArray(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), { maxLength: 8 });

describe('a bundle', () => {
  it('holds its packets by id, byte by byte, whatever the order in which they came', () => {
    fc.assert(
      fc.property(ids, fc.nat(5000), (given, stamp) => {
        const packets = given.map((id) => packet(id, stamp));
        const { bytes, count, sha256 } = writeBundle(packets);
        const read = [...readBundle(bytes)];
        expect(count).toBe(given.length);
        expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
        expect(read.map(({ diaSourceId }) => diaSourceId)).toEqual(
          [...given].sort((a, b) => (a < b ? -1 : 1)),
        );
        for (const { diaSourceId, wire } of read) {
          expect(Buffer.compare(wire, packets.find((bytes) => readDiaSourceId(bytes) === diaSourceId)!)).toBe(
            0,
          );
        }
        expect(writeBundle(packets.toReversed()).sha256).toBe(sha256);
      }),
      { numRuns: 200 },
    );
  });

  it('has the form that alert-publish and the archive rely on', () => {
    const wire = packet(7n);
    const { bytes } = writeBundle([wire]);
    expect(Buffer.from(bytes.subarray(0, 4)).readUInt32BE()).toBe(wire.length);
    expect([...bytes.subarray(4)]).toEqual([...wire]);
  });

  it('refuses two alerts of one id', () => {
    expect(() => writeBundle([packet(7n), packet(8n), packet(7n)])).toThrow('have the diaSourceId 7');
  });

  it('is refused when cut anywhere but between packets', () => {
    const { bytes } = writeBundle([packet(7n), packet(8n)]);
    const between = 4 + packet(7n).length;
    for (let length = 1; length < bytes.length; length++) {
      const read = () => [...readBundle(bytes.subarray(0, length))];
      if (length === between) expect(read()).toHaveLength(1);
      else expect(read, `${length} bytes`).toThrow(PacketError);
    }
  });

  it('is refused when its packets do not ascend', () => {
    const [first, second] = [writeBundle([packet(7n)]).bytes, writeBundle([packet(8n)]).bytes];
    expect(() => [...readBundle(Buffer.concat([second, first]))]).toThrow('the alert 7 comes after 8');
  });
});

describe('a notice', () => {
  const notice = {
    slot: 'LSSTCam/2025-12-19T03%3A04%3A05.678/130',
    visit: 9_223_372_036_854_775_807n,
    detector: 130,
    attempt: 2,
    uri: 's3://products/bundles/2025121900283/130/2',
    count: 53,
    sha256: 'ab'.repeat(32),
  };

  it('is JSON with the fields of the design, in order, and the visit as a decimal string', () => {
    expect(Object.keys(JSON.parse(formatNotice(notice)))).toEqual(
      ['slot', 'visit', 'detector', 'attempt', 'uri', 'count', 'sha256'], // design section 5
    );
    expect(JSON.parse(formatNotice(notice)).visit).toBe('9223372036854775807');
  });

  it('is read back, as text and as bytes', () => {
    expect(parseNotice(formatNotice(notice))).toEqual(notice);
    expect(parseNotice(Buffer.from(formatNotice(notice)))).toEqual(notice);
  });

  it.each([
    ['slot', 'LSSTCam/130'],
    ['slot', ''],
    ['visit', 2025121900283],
    ['visit', '-1'],
    ['detector', 1.5],
    ['attempt', '2'],
    ['uri', null],
    ['count', -1],
    ['sha256', 'AB'.repeat(32)],
  ])('is refused with %s %j', (field, value) => {
    const text = JSON.stringify({ ...JSON.parse(formatNotice(notice)), [field]: value });
    expect(() => parseNotice(text)).toThrow(field);
  });

  it.each(['[]', 'null', '7'])('is refused when it is %s', (text) => {
    expect(() => parseNotice(text)).toThrow(RangeError);
  });

  it('goes under the key of its detector, its bundle under that of its attempt', () => {
    expect(noticeKey(notice)).toBe('9223372036854775807/130');
    expect(bundleKey(notice)).toBe('bundles/9223372036854775807/130/2');
  });
});
