import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseNotification,
  parseRecords,
  swapHalves,
  unquotePlus,
} from '#shared/domain/ingest/notification.ts';

const key = 'LSSTCam/20250423/MC_O_20250423_000034/MC_O_20250423_000034_R31_S10.json';

/** A record as Ceph sent it on 2025-04-23 (data_transfer_monitoring's example). */
const ceph = {
  eventVersion: '2.2',
  eventSource: 'ceph:s3',
  awsRegion: 'sdfembargo',
  eventTime: '2025-04-23T19:19:54.172258Z',
  eventName: 'ObjectCreated:Put',
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: 'rubin-summit-notification',
    bucket: { name: 'rubin-summit', arn: 'arn:aws:s3:sdfembargo::rubin-summit', id: 'x' },
    object: {
      key,
      size: 2867,
      eTag: 'e1',
      versionId: '',
      sequencer: '5A3D096863AA680C',
      metadata: [],
      tags: [],
    },
  },
  eventId: '1745435994.208185.e1',
  opaqueData: '',
};

test('a real record gives its event', () => {
  expect(parseRecords({ Records: [ceph] })).toEqual([
    {
      event: {
        bucket: 'rubin-summit',
        key,
        eventName: 'ObjectCreated:Put',
        eTag: 'e1',
        // 1745435994 s and 208185955 ns, as in its eventId.
        sequencer: '68093D5A0C68AA63',
        opaqueData: '',
      },
    },
  ]);
});

test('Ceph’s sequencers rise with time once their bytes are turned round, and others are left as they are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 2 }), fc.nat(999_999_999), (seconds, nanoseconds) => {
      const memory = (first: number, second: number) => {
        const bytes = Buffer.alloc(8);
        bytes.writeUInt32LE(first, 0);
        bytes.writeUInt32LE(second, 4);
        return bytes.toString('hex').toUpperCase();
      };
      const read = (text: string) => BigInt(`0x${swapHalves(text)}`);
      const moment = memory(seconds, nanoseconds);
      expect(read(moment)).toBe((BigInt(seconds) << 32n) + BigInt(nanoseconds));
      expect(read(memory(seconds + 1, 0))).toBeGreaterThan(read(moment));
      expect(swapHalves(swapHalves(moment))).toBe(moment);
    }),
  );
  expect(swapHalves('0055AED6DCD90281E5')).toBe('0055AED6DCD90281E5');
});

test('a manual trigger needs bucket and key only', () => {
  const record = { s3: { bucket: { name: 'b' }, object: { key: 'k' } }, opaqueData: 's' };
  const [{ event }] = parseRecords({ Records: [record] });
  expect(event).toMatchObject({ bucket: 'b', key: 'k', opaqueData: 's' });
  expect([event?.eventName, event?.eTag, event?.sequencer]).toEqual([undefined, undefined, undefined]);
});

test('AWS encodes keys and quotes tags, Ceph does neither', () => {
  const object = { key: 'LSSTCam/a+b%2Bc.fits', eTag: '"e1"' };
  const record = (eventSource: string) => ({ ...ceph, eventSource, s3: { ...ceph.s3, object } });
  const events = parseNotification(
    Buffer.from(JSON.stringify({ Records: [record('aws:s3'), record('ceph:s3')] })),
  );
  expect(events.map((event) => event.key)).toEqual(['LSSTCam/a b+c.fits', 'LSSTCam/a+b%2Bc.fits']);
  expect(events[0].eTag).toBe('e1');
});

describe('a bad record', () => {
  test.each([
    [null, 'null, not an object'],
    [{}, 's3.bucket.name'],
    [{ s3: { bucket: { name: '' }, object: { key } } }, 's3.bucket.name'],
    [{ s3: { bucket: { name: 'b' }, object: { key: 7 } } }, 's3.object.key'],
    [{ s3: { bucket: { name: 'b' } } }, 's3.object.key'],
  ])('%j says why, and its neighbours are read', (bad, why) => {
    const [before, record, after] = parseRecords({ Records: [ceph, bad, ceph] });
    expect([before.event?.key, after.event?.key]).toEqual([key, key]);
    expect(record).toEqual({ why: expect.stringContaining(why) });
  });
});

test.each([[{}], [[]], ['text'], [null], [{ Records: {} }]])('%j is no notification', (body) => {
  expect(() => parseRecords(body)).toThrow('no list "Records"');
});

test('decoding a key is Python’s unquote_plus', () => {
  // Values of urllib.parse.unquote_plus.
  expect(unquotePlus('LSSTCam/a+b%2Bc.fits')).toBe('LSSTCam/a b+c.fits');
  expect(unquotePlus('%C5%BC%e2%98%85%zz%')).toBe('ż★%zz%');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(unquotePlus(encodeURIComponent(text).replaceAll('%20', '+'))).toBe(text);
    }),
    { numRuns: 200 },
  );
});
