import { expect, test } from 'vitest';
import { arrivalKeyOf, arrivalKeyText } from '#shared/domain/ids/arrival-key.ts';

const sidecar = {
  INSTRUME: 'lsstCam',
  GROUPID: '2025-11-22T03:25:16.951',
  CURINDEX: 1,
  RAFTBAY: 'R44',
  CCDSLOT: 'SW0',
};

test('the key of the original', () => {
  const key = arrivalKeyOf(sidecar)!;
  expect(key).toEqual({
    instrument: 'LSSTCam',
    group: '2025-11-22T03:25:16.951',
    snap: 0,
    detector: 'R44_SW0',
  });
  expect(arrivalKeyText(key)).toBe('GROUP:LSSTCam:2025-11-22T03:25:16.951:0:R44_SW0');
  expect(arrivalKeyOf({ ...sidecar, INSTRUME: 'ComCam' })!.instrument).toBe('LSSTComCam');
  expect(arrivalKeyOf({ ...sidecar, CURINDEX: 2 })!.snap).toBe(1);
});

test('what has no group has no key', () => {
  for (const field of Object.keys(sidecar)) {
    expect(arrivalKeyOf({ ...sidecar, [field]: null })).toBeUndefined();
    expect(arrivalKeyOf({ ...sidecar, [field]: undefined })).toBeUndefined();
  }
});
