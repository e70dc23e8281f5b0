import { expect, test } from 'vitest';
import { instrumentOf, rawRecordOf } from '#shared/domain/butler/raw-record.ts';

const sidecar = (change: Record<string, unknown> = {}) => ({
  INSTRUME: 'lsstCam',
  RAFTBAY: 'R22',
  CCDSLOT: 'S11',
  FILTER: 'i_39',
  TIMESYS: 'TAI',
  'DATE-BEG': '2025-05-22T05:20:46.866',
  'DATE-END': '2025-05-22T05:21:17.808',
  ...change,
});
const path = (name: string) =>
  `embargo@rubin-summit/LSSTCam/20250521/MC_O_20250521_000138/MC_O_20250521_000138_${name}`;
const recordOf = (change: Record<string, unknown>, name: string) => {
  const header = sidecar(change);
  return rawRecordOf(instrumentOf(header), header, path(name), 18_970_000);
};

test('a science raw is a dataset of the type raw in the run of all raws', () => {
  const record = recordOf({}, 'R22_S11.fits');
  expect(record.detector.number).toBe(94);
  expect(record.dataset).toEqual({
    id: 'a85499a2-6bb8-5cea-8b31-6fed836cee77',
    type: 'raw',
    run: 'LSSTCam/raw/all',
  });
  expect(record.uri).toBe(`s3://${path('R22_S11.fits')}`);
  expect(record.sizeBytes).toBe(18_970_000);
});

test('a guider’s is a guider_raw in a run of its own', () => {
  const { dataset, detector } = recordOf({ RAFTBAY: 'R00', CCDSLOT: 'SG0' }, 'R00_SG0_guider.fits');
  expect(detector.purpose).toBe('GUIDER');
  expect(dataset).toMatchObject({ type: 'guider_raw', run: 'LSSTCam/raw/guider' });
});

test('an unknown instrument or detector, or none, is refused by its keyword', () => {
  expect(() => recordOf({ INSTRUME: 'HSC' }, 'R22_S11.fits')).toThrow('INSTRUME is HSC');
  expect(() => recordOf({ INSTRUME: null }, 'R22_S11.fits')).toThrow('INSTRUME is missing');
  expect(() => recordOf({ CCDSLOT: 'S99' }, 'R22_S11.fits')).toThrow(
    'R22_S99, which is no detector of LSSTCam',
  );
});
