import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import {
  bandOf,
  canonicalInstrument,
  detectorByName,
  detectorByNumber,
  findInstrument,
  instruments,
} from '#shared/domain/ids/instruments.ts';

const table = (file: string) => {
  const [head, ...rows] = readFileSync(join(import.meta.dirname, '../../fixtures/ids', file), 'utf8')
    .trim()
    .split(/\r?\n/);
  return rows.map((row) => Object.fromEntries(row.split(',').map((value, i) => [head.split(',')[i], value])));
};
const LSSTCam = findInstrument('LSSTCam')!;

test('LSSTCam has the 205 detectors of the camera description', () => {
  const wanted = table('LSSTCam-detectors.csv').map(
    ({ id, name, raft, sensor, purpose, type, ...numbers }) => ({
      number: Number(id),
      name,
      raft,
      sensor,
      purpose,
      type,
      ...Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, Number(value)])),
    }),
  );
  expect(wanted).toHaveLength(205);
  expect(LSSTCam.detectors).toEqual(wanted);
});

test('LSSTCam has the 276 filters of the camera description', () => {
  const wanted = table('LSSTCam-filters.csv').map((row) => `${row.physical_filter} ${row.band}`);
  const ours = LSSTCam.filters.map(({ physicalFilter, band }) => `${physicalFilter} ${band}`);
  expect(wanted).toHaveLength(276);
  expect(ours.toSorted()).toEqual(wanted.toSorted());
});

test('every instrument is consistent with itself', () => {
  for (const instrument of instruments) {
    expect(instrument.lowerName).toBe(instrument.name.toLowerCase());
    expect(instrument.sidecarNames.every((name) => name === name.toLowerCase())).toBe(true);
    expect(new Set(instrument.filters.map((filter) => filter.physicalFilter)).size).toBe(
      instrument.filters.length,
    );
    for (const [i, detector] of instrument.detectors.entries()) {
      expect(detector.number).toBe(i);
      expect(detector.name).toBe(`${detector.raft}_${detector.sensor}`);
      expect(detectorByName(instrument, detector.name)).toBe(detector);
    }
  }
  expect(new Set(instruments.map(({ code }) => code)).size).toBe(instruments.length);
  expect(instruments.map(({ name, detectors }) => `${name} ${detectors.length}`)).toEqual([
    'LSSTCam 205',
    'LSSTComCam 9',
    'LATISS 1',
    'SimCam 9',
    'DECam 1',
  ]);
});

it.each([
  ['lsstCam', 'LSSTCam'],
  ['ComCam', 'LSSTComCam'],
  ['LSSTComCam', 'LSSTComCam'],
  ['comcamsim', 'LSSTComCamSim'],
  ['LATISS', 'LATISS'],
  ['simcam', 'SimCam'],
  ['DECam', 'DECam'],
  ['LSST-TS8', 'LSST-TS8'],
])('INSTRUME %s is %s', (header, name) => {
  expect(canonicalInstrument(header)).toBe(name);
});

test('what is not known is undefined', () => {
  expect(findInstrument('HSC')).toBeUndefined();
  expect(detectorByNumber(LSSTCam, 205)).toBeUndefined();
  expect(bandOf(LSSTCam, 'y_10')).toBe('y');
  expect(bandOf(LSSTCam, 'y')).toBeUndefined();
});
