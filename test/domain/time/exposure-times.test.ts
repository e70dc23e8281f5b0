import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { exposureTimes } from '#shared/domain/time/exposure-times.ts';
import { dayObs, isoTai, isoUtc, mjdUtcFromTai, parseIso } from '#shared/domain/time/scales.ts';
import { sharedData } from '../../support/shared-data.ts';

/** Of LSSTCam MC_O_20250609_000578: dates in milliseconds, and the same instants with all digits. */
const lsstcam = {
  TIMESYS: 'TAI',
  'DATE-OBS': '2025-06-10T07:31:55.280',
  'DATE-BEG': '2025-06-10T07:31:55.280',
  'MJD-BEG': 60836.313834257424,
  'DATE-END': '2025-06-10T07:32:26.229',
  'MJD-END': 60836.314192460384,
  EXPTIME: 30,
};

test('the middle of the exposure in TAI and its start in UTC', () => {
  const times = exposureTimes(lsstcam);
  expect(times.midpointMjdTai).toBeCloseTo(60836.3140133589, 10);
  expect(isoUtc(mjdUtcFromTai(times.beginMjdTai))).toBe('2025-06-10T07:31:18.280Z');
});

test('cards say the same as the sidecar', () => {
  const cards = Object.entries(lsstcam).map(([keyword, value]) => ({ keyword, value }));
  expect(exposureTimes(cards)).toEqual(exposureTimes(lsstcam));
});

test('dates alone are exact to the nanosecond', () => {
  const { 'MJD-BEG': _begin, 'MJD-END': _end, ...dates } = lsstcam;
  const times = exposureTimes(dates);
  expect(times.beginTaiNs).toBe(1749540715280000000n);
  expect(times.endTaiNs).toBe(1749540746229000000n);
  expect(times.midpointMjdTai).toBe(parseIso('2025-06-10T07:32:10.7545'));
});

test('an MJD that is another moment than its date does not count', () => {
  const times = exposureTimes({ ...lsstcam, 'MJD-BEG': lsstcam['MJD-BEG'] + 1 / 86_400 });
  expect(times.beginTaiNs).toBe(1749540715280000000n);
});

it.each([
  ['UTC', '2025-06-10T07:32:32.280'],
  [' utc', '2025-06-10T07:32:32.280'],
  [undefined, '2025-06-10T07:32:32.280'],
  ['', '2025-06-10T07:32:32.280'],
  ['TAI', '2025-06-10T07:31:55.280'],
  ['TT', '2025-06-10T07:31:23.096'],
])('TIMESYS %s', (timesys, begin) => {
  const times = exposureTimes({ ...lsstcam, TIMESYS: timesys });
  expect(isoTai(times.beginMjdTai)).toBe(begin);
});

test('without DATE-BEG and DATE-END the begin is DATE-OBS and the end follows EXPTIME, as in a DECam frame', () => {
  const times = exposureTimes({
    'DATE-OBS': '2018-08-04T09:23:31.598174',
    'MJD-OBS': 58334.39133794,
    EXPTIME: 330,
  });
  expect(times.beginTaiNs).toBe(1533374648598174000n);
  expect(times.endTaiNs - times.beginTaiNs).toBe(330_000_000_000n);
});

it.each([
  ['nothing', {}, 'neither DATE-BEG nor DATE-OBS'],
  ['nulls', { 'DATE-BEG': null, 'DATE-OBS': null }, 'neither DATE-BEG nor DATE-OBS'],
  ['no end', { 'DATE-BEG': '2025-06-10T07:31:55.280' }, 'no DATE-END and no EXPTIME'],
  ['a negative EXPTIME', { 'DATE-BEG': '2025-06-10T07:31:55.280', EXPTIME: -1 }, 'EXPTIME'],
  ['an end before the begin', { ...lsstcam, 'DATE-END': '2025-06-10T07:31:50' }, 'before it begins'],
  ['GPS time', { ...lsstcam, TIMESYS: 'GPS' }, 'TIMESYS is "GPS"'],
  ['no date', { ...lsstcam, 'DATE-BEG': 'soon' }, '"soon"'],
])('refuses %s', (_, header, message) => {
  expect(() => exposureTimes(header)).toThrow(message);
});

const headers = sharedData('headers');
test.skipIf(headers === undefined)(
  'real headers of four cameras give the observing day and the length that they state',
  () => {
    for (const file of readdirSync(headers!)) {
      const header = JSON.parse(readFileSync(join(headers!, file), 'utf8'));
      const times = exposureTimes(header);
      expect(String(dayObs(times.beginMjdTai))).toBe(header.DAYOBS);
      // The shutter's travel and the readout's start add up to a second.
      const excess = Number(times.endTaiNs - times.beginTaiNs) / 1e9 - header.EXPTIME;
      expect(excess).toBeGreaterThan(-0.01);
      expect(excess).toBeLessThan(1.5);
    }
  },
);
