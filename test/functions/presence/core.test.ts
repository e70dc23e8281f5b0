import { describe, expect, test } from 'vitest';
import { parseQuestion, parseWait } from '../../../functions/presence/core.ts';

const asked = { instrument: 'LSSTCam', group: '2025-11-22T03:25:16.951', snap: '0', detector: 'R22_S11' };
const ask = (change: Partial<typeof asked>) => parseQuestion({ ...asked, ...change }, ['SimCam']);

describe('names of detectors', () => {
  test.each(['R22_S11', 'R44_SW0', 'R00_SG0'])('%s is one', (detector) => {
    expect(ask({ detector })).toEqual({ kind: 'key', key: { ...asked, snap: 0, detector } });
  });
  test.each(['r22_s11', 'xR22_S11', 'R22_S1', 'R22_S119', 'R22_S11_guider', ''])('%s is none', (detector) => {
    expect(ask({ detector })).toEqual({ kind: 'refused', message: `Unrecognized detector name ${detector}` });
  });
});

test.each(['LATISS', 'LSSTComCam', 'LSSTComCamSim', 'LSSTCam', 'LSST-TS8', 'SimCam'])(
  '%s is known',
  (instrument) => {
    expect(ask({ instrument }).kind).toBe('key');
  },
);

test.each(['HSC', 'lsstcam', ''])('the instrument "%s" is unknown', (instrument) => {
  expect(ask({ instrument })).toEqual({ kind: 'refused', message: `Unknown instrument ${instrument}` });
});

test.each(['-1', '1.5', 'x', ''])('"%s" is no snap, as no route is', (snap) => {
  expect(ask({ snap })).toEqual({ kind: 'no route' });
});

test.each([
  [undefined, 0],
  ['', 0],
  ['7', 7],
  ['0.5', 0.5],
  ['3600', 20],
  ['-1', 0],
  ['x', 0],
])('wait=%s is %d s', (text, seconds) => {
  expect(parseWait(text)).toBe(seconds);
});
