import { describe, expect, test } from 'vitest';
import { planEvent, type Rules } from '../../../functions/enqueue/core.ts';

const rules: Rules = { pattern: /fits$/, profile: 'embargo', secret: 'right' };
const stem = (instrument: string, day: string, exposure: string) =>
  `${instrument}/${day}/${exposure}/${exposure}`;
const event = (key: string, change = {}) => ({ bucket: 'rubin-summit', key, opaqueData: 'right', ...change });
const science = `${stem('LSSTCam', '20251121', 'MC_O_20251121_000156')}_R22_S11.fits`;

test('a new raw goes into its bucket’s list with its receipt, and is answered by the original’s names', () => {
  const plan = planEvent(event(science, { eTag: 'e1', sequencer: 'A' }), rules, 7);
  const path = `embargo@rubin-summit/${science}`;
  expect(plan).toEqual({
    kind: 'queue',
    list: 'QUEUE:embargo@rubin-summit',
    item: {
      item: path,
      eTag: 'e1',
      sequencer: 'A',
      receipt: {
        bucket: 'embargo@rubin-summit',
        instrument: 'LSSTCam',
        obsDay: '20251121',
        seqNum: 156,
        receivedMs: 7,
      },
    },
    info: {
      path,
      bucket: 'embargo@rubin-summit',
      instrument: 'LSSTCam',
      filename: 'MC_O_20251121_000156_R22_S11.fits',
      obs_day: '20251121',
      exp_id: 'MC_O_20251121_000156',
      instrument_code: 'MC',
      controller: 'O',
      seq_num: '000156',
    },
  });
});

describe('keys of real files under the filters that are deployed', () => {
  const filters = { prod: /\.fits$/, old: /\d\.fits$/, ppDev: /LSSTCam\/\d{8}\/\w*\/[\w.]*\.fits$/ };
  // queue: accepted; aside: accepted by the filter, and no raw's key; skip: filtered.
  test.each([
    [`${stem('LSSTCam', '20251121', 'MC_O_20251121_000156')}_R44_SW0.fits`, 'queue queue queue'],
    [`${stem('LSSTCam', '20240918', 'MC_C_20240918_000013')}_R00_SG0_guider.fits`, 'queue skip queue'],
    [`${stem('LSSTCam', '20240918', 'MC_C_20240918_000013')}_R00_SG0_guider.json`, 'skip skip skip'],
    [`${stem('LSSTCam', '20240918', 'MC_C_20240918_000013')}_expectedSensors.json`, 'skip skip skip'],
    [`${stem('LSSTComCam', '20241108', 'CC_O_20241108_000266')}_R22_S00.fits`, 'queue queue skip'],
    [`${stem('LATISS', '20240624', 'AT_O_20240624_000106')}_R00_S00.fits`, 'queue queue skip'],
    [`LSSTCam/20251121/MC_O_20251122_000156/MC_O_20251122_000156_R22_S11.fits`, 'queue queue queue'],
    [`LSSTCam/20251121/MC_O_20251121_000156/x/MC_O_20251121_000156_R22_S11.fits`, 'aside aside skip'],
    ['LSSTCam/foo.fits', 'aside skip skip'],
    [`${stem('LSSTCam', '20251121', 'MC_O_20251121_000156')}_R22_S11.fits.fz`, 'skip skip skip'],
    ['LSSTCam-imSim/20220321/2080088/2080088_k2022_42_R11_S20.fits', 'aside aside skip'],
  ])('%s: %s', (key, expected) => {
    const kinds = Object.values(filters).map(
      (pattern) => planEvent(event(key), { ...rules, pattern }, 0).kind,
    );
    expect(kinds.join(' ')).toBe(expected);
  });

  test('what cannot be parsed is set aside beside its list, with a sentence', () => {
    expect(planEvent(event('LSSTCam/foo.fits'), rules, 0)).toEqual({
      kind: 'aside',
      list: 'QUEUE:embargo@rubin-summit',
      path: 'embargo@rubin-summit/LSSTCam/foo.fits',
      why: expect.stringContaining('3 components'),
    });
  });
});

describe('the Large File Annex', () => {
  const lfa: Rules = { pattern: /(FiberSpectrograph:.*\.fits$|GenericCamera\/.*_\d{6}\.fits$)/ };
  test.each([
    [
      'FiberSpectrograph:101/fiberSpecBroad/2024/01/09/F.fits',
      'FiberSpectrograph:101/fiberSpecBroad',
      '20240109',
    ],
    ['GenericCamera/101/2022/12/08/GC101_O_20221208_000211.fits', 'GenericCamera/101', '20221208'],
    ['GenericCamera/101/2022/12/08/x/GC101_O_20221208_000211.fits', 'GenericCamera/101', '20221208'],
  ])('%s is queued', (key, instrument, day) => {
    const plan = planEvent({ bucket: 'rubinobs-lfa-cp', key }, lfa, 0);
    expect(plan).toMatchObject({ kind: 'queue', info: { instrument, obs_day: day } });
  });

  test.each([
    'GenericCamera/101/2022/12/08/GC101_O_20221208_000211_0001.fits',
    'AllSkyCamera/2025/12/16/asc2512160033.jpg',
  ])('%s is left out', (key) => {
    expect(planEvent({ bucket: 'rubinobs-lfa-cp', key }, lfa, 0).kind).toBe('skip');
  });
});

test.each([
  ['a wrong secret', { opaqueData: 'wrong' }, 'wrong secret'],
  ['no secret', { opaqueData: undefined }, 'wrong secret'],
  ['an empty secret', { opaqueData: '' }, 'wrong secret'],
  ['a removal', { eventName: 'ObjectRemoved:Delete' }, 'not a creation'],
])('%s is skipped, and the reason tells no secret', (_, change, why) => {
  expect(planEvent(event(science, change), rules, 0)).toEqual({ kind: 'skip', why });
});

test.each(['ObjectCreated:Put', 's3:ObjectCreated:CompleteMultipartUpload', undefined])(
  'the event %s is a creation',
  (eventName) => {
    expect(planEvent(event(science, { eventName }), rules, 0).kind).toBe('queue');
  },
);

test('a tenant’s bucket keeps its colon in the name of the list', () => {
  const plan = planEvent(event(science, { bucket: 'tenant:bucket' }), { ...rules, profile: undefined }, 0);
  expect(plan).toMatchObject({ kind: 'queue', list: 'QUEUE:tenant:bucket' });
});
