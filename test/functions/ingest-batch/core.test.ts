import { describe, expect, test } from 'vitest';
import {
  arrivedEntries,
  deadlyUnit,
  describeFile,
  judge,
  limitFailures,
} from '../../../functions/ingest-batch/core.ts';
import { isWebhook, webhookItems } from '../../../functions/ingest-batch/webhook.ts';
import { type RawFileOptions, rawFile } from '../../support/raw-files.ts';

const fileOf = (options: RawFileOptions, attempt = 1) => {
  const raw = rawFile(options);
  return describeFile({ item: raw.path, attempt }, raw.keywords, 1000);
};

describe('what a file says of itself', () => {
  // Vectors of embargo-butler's group mapping (headers LSSTCam-MC_O_20251121_000156 and LSSTComCam's of 2024).
  test.each([
    ['LSSTCam', 'lsstCam', 203, 'R44_SW0', 'i_39'],
    ['LSSTComCam', 'ComCam', 4, 'R22_S11', 'g_01'],
  ])('a raw of %s is announced by its canonical name', (instrument, INSTRUME, detector, name, FILTER) => {
    const group = '2025-11-22T03:25:16.951';
    const { arrival, record } = fileOf({
      seqNum: 1,
      detector,
      instrument,
      group,
      header: { INSTRUME, FILTER },
    });
    expect(arrival).toEqual({ instrument, group, snap: 0, detector: name, uri: record.uri });
  });

  test('the second snap is snap 1', () => {
    expect(fileOf({ seqNum: 1, detector: 0, header: { CURINDEX: 2 } }).arrival?.snap).toBe(1);
  });

  test('without a group, and of a guider, nothing is announced', () => {
    expect(fileOf({ seqNum: 1, detector: 0, header: { GROUPID: null } }).arrival).toBeUndefined();
    expect(fileOf({ seqNum: 1, detector: 189, instrument: 'LSSTCam' }).arrival).toBeUndefined();
  });
});

describe('the verdict', () => {
  const endMs = Date.parse('2026-01-02T03:04:28.500Z');
  const patience = (seconds: number) => ({ nightMs: endMs + seconds * 1000, guiderWaitSeconds: 3600 });
  const guider = fileOf({ seqNum: 1, detector: 189, instrument: 'LSSTCam' }, 4);

  test('follows the registry', () => {
    expect(judge(guider, { kind: 'ingested' }, patience(0))).toEqual({ kind: 'done' });
    expect(judge(guider, { kind: 'present' }, patience(0))).toEqual({ kind: 'done' });
    expect(judge(guider, { kind: 'conflict', why: 'of a rule' }, patience(0))).toMatchObject({
      kind: 'dead',
      why: expect.stringContaining('of a rule'),
    });
  });

  test('lets a guider wait longer and longer, until its time is over', () => {
    const waiting = { kind: 'no exposure' } as const;
    expect(judge(guider, waiting, patience(3599))).toMatchObject({ kind: 'retry', afterSeconds: 16 });
    expect(judge({ ...guider, unit: { ...guider.unit, attempt: 50 } }, waiting, patience(0))).toMatchObject({
      kind: 'retry',
      afterSeconds: 300,
    });
    expect(judge(guider, waiting, patience(3601))).toMatchObject({ kind: 'dead' });
  });
});

test('failures end at the limit, and so does what dies in mid-work, but not a guider', () => {
  const again = { kind: 'retry', afterSeconds: 2, why: 'it failed' } as const;
  expect(limitFailures(again, 2, 3)).toBe(again);
  expect(limitFailures(again, 3, 3)).toEqual({ kind: 'dead', why: 'attempt 3 of 3 failed: it failed' });
  const held = { kind: 'hold', dependency: 'raw', why: 'it is away' } as const;
  expect(limitFailures(held, 9, 3)).toBe(held);
  expect(deadlyUnit({ item: 'raw/a_R22_S11.fits', attempt: 3 }, 3)).toBeUndefined();
  expect(deadlyUnit({ item: 'raw/a_R22_S11.fits', attempt: 4 }, 3)).toMatchObject({ kind: 'dead' });
  expect(deadlyUnit({ item: 'raw/a_R00_SG0_guider.fits', attempt: 4 }, 3)).toBeUndefined();
});

test('the ledger hears of detectors that a nextVisit can have asked for', () => {
  const files = [
    fileOf({ seqNum: 1, detector: 0 }),
    fileOf({ seqNum: 2, detector: 0, header: { GROUPID: null } }),
    fileOf({ seqNum: 3, detector: 0, header: { CURINDEX: 2 } }),
  ];
  expect(arrivedEntries(files, 5)).toEqual([
    {
      step: 'arrived',
      slot: 'SimCam/2026-01-02T03%3A04%3A05.001%231/0',
      visit: 2026010100001n,
      detector: 0,
      attempt: 1,
      timeMs: 5,
    },
  ]);
});

test('the summit is told of files by exposure, in one order', () => {
  const files = [1, 0].map((detector) => fileOf({ seqNum: 1, detector }));
  const [{ item }, ...others] = webhookItems(files);
  expect(others).toEqual([]);
  expect(item).toBe(
    '{"exp_id":"SC_O_20260101_000001","filenames":["SC_O_20260101_000001_R22_S00.fits","SC_O_20260101_000001_R22_S01.fits"]}',
  );
  expect(isWebhook({ item, attempt: 1 })).toBe(true);
  expect(isWebhook(files[0].unit)).toBe(false);
});
