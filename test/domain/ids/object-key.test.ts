import { expect, it, test } from 'vitest';
import { findInstrument, type Instrument } from '#shared/domain/ids/instruments.ts';
import { InvalidId } from '#shared/domain/ids/invalid-id.ts';
import { detectorNameOf, parseObjectPath, rawKey, sidecarKey } from '#shared/domain/ids/object-key.ts';

const bucket = 'embargo@rubin-summit';

// Vectors of embargo-butler's Info.from_path, run there: instrument, day, exposure, code, controller, number.
it.each([
  [
    'LSSTCam/20251121/MC_O_20251121_000156/MC_O_20251121_000156_R44_SW0.fits',
    'LSSTCam',
    '20251121',
    'MC_O_20251121_000156',
    'MC',
    'O',
    '000156',
  ],
  [
    'LSSTCam/20240918/MC_C_20240918_000013/MC_C_20240918_000013_R00_SG0_guider.fits',
    'LSSTCam',
    '20240918',
    'MC_C_20240918_000013',
    'MC',
    'C',
    '000013',
  ],
  [
    'LSSTCam/20251121/MC_O_20251121_000156/MC_O_20251121_000156_R44_SW0.json',
    'LSSTCam',
    '20251121',
    'MC_O_20251121_000156',
    'MC',
    'O',
    '000156',
  ],
  [
    'LSSTCam/20251121/MC_O_20251121_000156/MC_O_20251121_000156_expectedSensors.json',
    'LSSTCam',
    '20251121',
    'MC_O_20251121_000156',
    'MC',
    'O',
    '000156',
  ],
  [
    'LSSTComCam/20241108/CC_O_20241108_000266/CC_O_20241108_000266_R22_S00.fits',
    'LSSTComCam',
    '20241108',
    'CC_O_20241108_000266',
    'CC',
    'O',
    '000266',
  ],
  [
    'LATISS/20240624/AT_O_20240624_000106/AT_O_20240624_000106_R00_S00.fits',
    'LATISS',
    '20240624',
    'AT_O_20240624_000106',
    'AT',
    'O',
    '000106',
  ],
  [
    'LSSTCam/20251121/MC_O_20251121_000156/MC_O_20251121_000156_R22_S11.fits.fz',
    'LSSTCam',
    '20251121',
    'MC_O_20251121_000156',
    'MC',
    'O',
    '000156',
  ],
])('reads %s', (key, instrument, obsDay, expId, instrumentCode, controller, seqNum) => {
  const path = `${bucket}/${key}`;
  const wanted = {
    kind: 'camera',
    path,
    bucket,
    instrument,
    obsDay,
    expId,
    instrumentCode,
    controller,
    seqNum,
  };
  expect(parseObjectPath(path)).toMatchObject({
    ...wanted,
    filename: key.split('/')[3],
    expDay: expId.split('_')[2],
  });
  expect(parseObjectPath(`s3://${path}`)).toMatchObject(wanted);
});

test('the day of the directory wins over that of the exposure, and both are told', () => {
  const path = parseObjectPath('rubin-summit/LSSTCam/20251121/MC_O_20251122_000156/x.fits');
  expect(path).toMatchObject({ bucket: 'rubin-summit', obsDay: '20251121', expDay: '20251122' });
});

it.each([
  ['LSSTCam/20251121/MC_O_20251121_000156/x/MC_O_20251121_000156_R22_S11.fits', '6 components'],
  ['LSSTCam/foo.fits', '3 components'],
  ['LSSTCam-imSim/20220321/2080088/2080088_k2022_42_R11_S20.fits', 'exposure "2080088"'],
])('refuses %s', (key, reason) => {
  expect(() => parseObjectPath(`${bucket}/${key}`)).toThrow(InvalidId);
  expect(() => parseObjectPath(`${bucket}/${key}`)).toThrow(reason);
});

it.each([
  [
    'FiberSpectrograph:101/fiberSpecBroad/2024/01/09/F.fits',
    'FiberSpectrograph:101/fiberSpecBroad',
    '20240109',
  ],
  ['GenericCamera/101/2022/12/08/GC101_O_20221208_000211.fits', 'GenericCamera/101', '20221208'],
  ['GenericCamera/101/2022/12/08/extra/GC101_O_20221208_000211.fits', 'GenericCamera/101', '20221208'],
  ['AllSkyCamera/2025/12/16/asc2512160033.jpg', 'AllSkyCamera', '20251216'],
])('reads %s of the Large File Annex', (key, instrument, obsDay) => {
  const filename = key.slice(key.lastIndexOf('/') + 1);
  expect(parseObjectPath(`lfa@rubinobs-lfa-cp/${key}`)).toEqual({
    kind: 'lfa',
    path: `lfa@rubinobs-lfa-cp/${key}`,
    bucket: 'lfa@rubinobs-lfa-cp',
    instrument,
    filename,
    obsDay,
  });
});

test('refuses a photodiode file, which has too few components', () => {
  expect(() =>
    parseObjectPath('rubinobs-lfa-cp/MTCamera/photodiode/20240928/MC_C_20240928_002826_photodiode.ecsv'),
  ).toThrow(InvalidId);
});

const LATISS = findInstrument('LATISS')!;
const LSSTComCam = findInstrument('LSSTComCam')!;
const LSSTCam = findInstrument('LSSTCam')!;

it.each<[Instrument, number, number, string]>([
  [LATISS, 0, 2, 'LATISS/20220321/AT_O_20220321_000002/AT_O_20220321_000002_R00_S00.fits'],
  [LSSTComCam, 4, 3, 'LSSTComCam/20220321/CC_O_20220321_000003/CC_O_20220321_000003_R22_S11.fits'],
  [LSSTCam, 42, 4, 'LSSTCam/20220321/MC_O_20220321_000004/MC_O_20220321_000004_R11_S20.fits'],
  [LSSTCam, 189, 4, 'LSSTCam/20220321/MC_O_20220321_000004/MC_O_20220321_000004_R00_SG0_guider.fits'],
])('builds the key of a raw', (instrument, detector, seqNum, key) => {
  expect(rawKey(instrument, { dayObs: 20220321, seqNum, controller: 'O' }, detector)).toBe(key);
});

test('refuses to build the key of a detector that is not there', () => {
  expect(() => rawKey(LATISS, { dayObs: 20220321, seqNum: 1, controller: 'O' }, 1)).toThrow(
    'LATISS has no detector 1',
  );
});

test('a sidecar has the stem of its file', () => {
  expect(sidecarKey('a/MC_O_20251121_000156_R44_SW0.fits')).toBe('a/MC_O_20251121_000156_R44_SW0.json');
  expect(sidecarKey('a/MC_C_20240918_000013_R00_SG0_guider.fits')).toBe(
    'a/MC_C_20240918_000013_R00_SG0_guider.json',
  );
  expect(sidecarKey('a/x.fits.fz')).toBe('a/x.json');
  expect(() => sidecarKey('a/x.json')).toThrow(InvalidId);
});

test('the detector in a file name', () => {
  expect(detectorNameOf('MC_O_20251121_000156_R44_SW0.fits')).toBe('R44_SW0');
  expect(detectorNameOf('MC_O_20251121_000156_R22_S11.fits.fz')).toBe('R22_S11');
  for (const other of [
    'MC_C_20240918_000013_R00_SG0_guider.fits',
    'MC_O_20251121_000156_R22_S11.json',
    'x.fits',
  ]) {
    expect(detectorNameOf(other)).toBeUndefined();
  }
});
