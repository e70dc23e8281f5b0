import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import {
  type Controller,
  controllerOffset,
  exposureId,
  observationId,
  parseExposureId,
  parseObservationId,
} from '#shared/domain/ids/exposure-id.ts';
import { InvalidId } from '#shared/domain/ids/invalid-id.ts';
import { dayObsFromMjdDay } from '#shared/domain/time/scales.ts';

// Vectors of obs_lsst's translators.
it.each<[number, number, Controller, bigint]>([
  [20240318, 43, 'O', 2024031800043n],
  [20240318, 1, 'H', 4024031800001n],
  [20231004, 1, 'C', 3023100400001n],
  [20231005, 1, 'C', 2023100500001n],
  [20250417, 101, 'P', 5025041700101n],
  [20250417, 42, 'Q', 6025041700042n],
  [20250417, 42, 'S', 7025041700042n],
  [20250418, 101, 'P', 2025041800101n],
  [20250418, 42, 'Q', 2025041800042n],
  [20250418, 42, 'S', 2025041800042n],
])('exposure %i %i of controller %s is %s', (dayObs, seqNum, controller, id) => {
  expect(exposureId({ dayObs, seqNum, controller })).toBe(id);
});

const exposure = fc.record({
  dayObs: fc.integer({ min: 51_544, max: 80_000 }).map(dayObsFromMjdDay),
  seqNum: fc.nat(99_999),
  controller: fc.constantFrom<Controller>('O', 'C', 'H', 'P', 'Q', 'S'),
});

test('ids come back; a controller without an offset comes back as O', () => {
  fc.assert(
    fc.property(exposure, (exposure) => {
      const controller = controllerOffset(exposure) === 0 ? 'O' : exposure.controller;
      expect(parseExposureId(exposureId(exposure))).toEqual({ ...exposure, controller });
    }),
    { numRuns: 200 },
  );
});

test('observation ids come back', () => {
  expect(parseObservationId('MC_O_20250609_000578')).toEqual({
    code: 'MC',
    controller: 'O',
    dayObs: 20250609,
    seqNum: 578,
  });
  fc.assert(
    fc.property(exposure, fc.constantFrom('MC', 'CC', 'AT', 'TS', 'SC', 'DC'), (exposure, code) => {
      expect(parseObservationId(observationId({ code, ...exposure }))).toEqual({ code, ...exposure });
    }),
    { numRuns: 200 },
  );
});

it.each([
  { dayObs: 20240318, seqNum: 100_000 },
  { dayObs: 20240318, seqNum: -1 },
  { dayObs: 20240318, seqNum: 1.5 },
  { dayObs: 20250230, seqNum: 1 },
  { dayObs: 2025, seqNum: 1 },
])('has no id for day $dayObs, number $seqNum', (exposure) => {
  expect(() => exposureId({ ...exposure, controller: 'O' })).toThrow(InvalidId);
});

it.each([
  '',
  'MC_O_20250609_578',
  'MC_O_20250609_000578_R22_S11',
  'MC_X_20250609_000578',
  'mc_O_20250609_000578',
  'MC_O_20250631_000578',
  'MC_O_20250609_100578',
  'MC_O_20250609_000578\n',
])('refuses "%s" as an observation id', (text) => {
  expect(() => parseObservationId(text)).toThrow(InvalidId);
});

it.each([-1n, 0n, 9025041700042n, 2025130100001n, 20250417000421n])('refuses %s as an exposure id', (id) => {
  expect(() => parseExposureId(id)).toThrow(InvalidId);
});
