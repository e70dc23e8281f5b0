import { expect, test } from 'vitest';
import { parseObjectPath } from '#shared/domain/ids/object-key.ts';
import { receiptOf } from '#shared/domain/ingest/receipt.ts';

test('a camera’s file is counted by its number, one of the annex is not', () => {
  const camera =
    'embargo@rubin-summit/LSSTCam/20251121/MC_O_20251121_000156/MC_O_20251121_000156_R44_SW0.fits';
  expect(receiptOf(parseObjectPath(camera), 5)).toEqual({
    bucket: 'embargo@rubin-summit',
    instrument: 'LSSTCam',
    obsDay: '20251121',
    seqNum: 156,
    receivedMs: 5,
  });
  const annex = 'rubinobs-lfa-cp/GenericCamera/101/2022/12/08/GC101_O_20221208_000211.fits';
  expect(receiptOf(parseObjectPath(annex), 5)).toMatchObject({
    instrument: 'GenericCamera/101',
    obsDay: '20221208',
    seqNum: undefined,
  });
});
