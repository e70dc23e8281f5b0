import { describe, expect, test } from 'vitest';
import { dayFolders, rawObject } from '../../../functions/requeue-idle/core.ts';

test('the day folders of a night are those of its observing day and the ones before', () => {
  // 2026-01-02T11:59:22 UTC is 11:59:59 TAI: still the observing day that began at noon of the 1st.
  expect(dayFolders(['LSSTCam', 'LATISS'], Date.parse('2026-01-02T11:59:22Z'), 2)).toEqual([
    ...['LSSTCam/20260101/', 'LSSTCam/20251231/'],
    ...['LATISS/20260101/', 'LATISS/20251231/'],
  ]);
  expect(dayFolders(['LSSTCam'], Date.parse('2026-01-02T11:59:23Z'), 1)).toEqual(['LSSTCam/20260102/']);
});

describe('a listed object', () => {
  const bucket = 'embargo@rubin-summit';
  const object = (name: string, pattern = /\.fits$/) =>
    rawObject(
      { key: `LSSTCam/20250521/MC_O_20250521_000138/${name}`, size: 1, eTag: 'e', modifiedMs: 7 },
      bucket,
      pattern,
    );

  test('that is a raw has the id that daf_butler gives its dataset', () => {
    const raw = object('MC_O_20250521_000138_R22_S11.fits');
    expect(raw).toMatchObject({
      datasetId: 'a85499a2-6bb8-5cea-8b31-6fed836cee77',
      isGuider: false,
      eTag: 'e',
    });
    expect(raw?.path.path).toBe(`${bucket}/${raw?.key}`);
  });

  test('of a guider or wavefront sensor is a raw, too', () => {
    expect(object('MC_O_20250521_000138_R00_SG0_guider.fits')?.isGuider).toBe(true);
    expect(object('MC_O_20250521_000138_R44_SW0.fits')?.isGuider).toBe(false);
  });

  test.each([
    'MC_O_20250521_000138_R22_S11.json',
    'MC_O_20250521_000138_expectedSensors.json',
    'MC_O_20250521_000138_R99_S11.fits',
    'x/MC_O_20250521_000138_R22_S11.fits',
  ])('%s is none', (name) => {
    expect(object(name)).toBeUndefined();
  });

  test('that the filter leaves out, or whose exposure has no valid day, is none', () => {
    expect(object('MC_O_20250521_000138_R00_SG0_guider.fits', /\d\.fits$/)).toBeUndefined();
    const key = 'LSSTCam/20251399/MC_O_20251399_000138/MC_O_20251399_000138_R22_S11.fits';
    expect(rawObject({ key, size: 1, eTag: 'e', modifiedMs: 7 }, bucket, /fits$/)).toBeUndefined();
  });
});
