import { describe, expect, test } from 'vitest';
import { type RawRecord, rawDataset, rawRecordOf } from '#shared/domain/butler/raw-record.ts';
import { findInstrument, type Instrument } from '#shared/domain/ids/instruments.ts';
import { rawKey } from '#shared/domain/ids/object-key.ts';
import type { Butler } from '#shared/ports/butler.ts';
import { type Open, opened } from './suite.ts';

export const SimCam = findInstrument('SimCam')!;
export const LSSTCam = findInstrument('LSSTCam')!;

const filters: Record<string, string> = { SimCam: 'r_sim', LSSTCam: 'i_39' };

/** A raw of an exposure on the sky; each number is an exposure of its own. */
export function rawOf(
  instrument: Instrument,
  seqNum: number,
  detector: number,
  header: Record<string, unknown> = {},
): RawRecord {
  const { raft, sensor } = instrument.detectors.find(({ number }) => number === detector)!;
  const sidecar = {
    ...{
      INSTRUME: instrument.name,
      RAFTBAY: raft,
      CCDSLOT: sensor,
      GROUPID: `2025-05-22T05:07:29.${seqNum}#1`,
    },
    ...{ IMGTYPE: 'OBJECT', FILTER: filters[instrument.name], EXPTIME: 30, VIGN_MIN: 'NO', TIMESYS: 'TAI' },
    ...{ 'DATE-BEG': '2025-05-22T05:20:46.866', 'DATE-END': '2025-05-22T05:21:17.808' },
    ...{ RA: 225.85827927603876, DEC: -38.6275010948895, ROTPA: 357.9606420320256, ROTCOORD: 'sky' },
    ...header,
  };
  const exposure = { dayObs: 20250521, seqNum, controller: 'O' } as const;
  return rawRecordOf(instrument, sidecar, `raw/${rawKey(instrument, exposure, detector)}`, 12_240_000);
}

const kinds = async (butler: Butler, records: readonly RawRecord[]) =>
  (await butler.ingestRaws(records)).map(({ kind }) => kind);

/** Every implementation of the port passes this. The exposures' numbers are told apart, so one repository serves all. */
export function butlerContract(name: string, open: Open<Butler>): void {
  describe(`butler on ${name}`, () => {
    const registered = async () => {
      const butler = await opened(open);
      await butler.register(SimCam);
      return butler;
    };

    test('takes the raws of an exposure, knows them, and takes each once', async () => {
      const butler = await registered();
      const raws = [0, 1, 2].map((detector) => rawOf(SimCam, 1, detector));
      const ids = raws.map(({ dataset }) => dataset.id);
      expect(await butler.known(ids)).toEqual(new Set());
      expect(await kinds(butler, raws)).toEqual(['ingested', 'ingested', 'ingested']);
      expect(await kinds(butler, [...raws, rawOf(SimCam, 1, 3)])).toEqual([
        ...['present', 'present', 'present'],
        'ingested',
      ]);
      const unknown = rawDataset(SimCam, SimCam.detectors[8], 2025052100001n).id;
      expect(await butler.known([...ids, unknown])).toEqual(new Set(ids));
    });

    test('answers in the order of the records, whatever their exposures', async () => {
      const butler = await registered();
      await butler.ingestRaws([rawOf(SimCam, 2, 0)]);
      const mixed = [rawOf(SimCam, 3, 0), rawOf(SimCam, 2, 0), rawOf(SimCam, 3, 1), rawOf(SimCam, 2, 1)];
      expect(await kinds(butler, mixed)).toEqual(['ingested', 'present', 'ingested', 'ingested']);
    });

    test('registers an instrument again without a change', async () => {
      const butler = await registered();
      await butler.ingestRaws([rawOf(SimCam, 4, 0)]);
      await butler.register(SimCam);
      expect(await kinds(butler, [rawOf(SimCam, 4, 0)])).toEqual(['present']);
    });

    test('one bad record leaves its neighbours unharmed', async () => {
      const butler = await registered();
      const unknownFilter = rawOf(SimCam, 6, 0, { FILTER: 'h_sim' });
      const tooLong = rawOf(SimCam, 7, 0, { IMGTYPE: 'A type of far too many letters' });
      const [good, filter, type, alsoGood] = await butler.ingestRaws([
        rawOf(SimCam, 5, 0),
        unknownFilter,
        tooLong,
        rawOf(SimCam, 5, 1),
      ]);
      expect([good, alsoGood]).toEqual([{ kind: 'ingested' }, { kind: 'ingested' }]);
      expect(filter).toEqual({
        kind: 'conflict',
        why: expect.stringContaining('h_sim is no filter of SimCam'),
      });
      expect(type).toEqual({ kind: 'conflict', why: expect.stringContaining('refuses') });
      expect(await butler.known([unknownFilter.dataset.id, tooLong.dataset.id])).toEqual(new Set());
    });

    test('a bad header among the raws of one exposure does not spoil it', async () => {
      const butler = await registered();
      const bad = { FILTER: 'h_sim', IMGTYPE: 'A type of far too many letters' };
      const raws = [rawOf(SimCam, 12, 0, bad), rawOf(SimCam, 12, 1), rawOf(SimCam, 12, 2)];
      expect((await kinds(butler, raws)).slice(1)).toEqual(['ingested', 'ingested']);
      const damaged = [rawOf(SimCam, 13, 0, { IMGTYPE: bad.IMGTYPE }), rawOf(SimCam, 13, 1)];
      expect(await kinds(butler, damaged)).toEqual(['conflict', 'ingested']);
    });

    test('two observations with one id are never mixed up in one call', async () => {
      const butler = await registered();
      const raw = rawOf(SimCam, 14, 0);
      const twin = { ...raw, exposure: { ...raw.exposure, obs_id: 'SC_C_20250521_000014' } };
      expect(await kinds(butler, [raw, twin])).toEqual(['ingested', 'conflict']);
    });

    test('an instrument that nobody registered is a conflict with a sentence', async () => {
      const butler = await registered();
      const DECam = findInstrument('DECam')!;
      const [outcome] = await butler.ingestRaws([
        rawOf(DECam, 1, 0, { FILTER: DECam.filters[0].physicalFilter }),
      ]);
      expect(outcome).toEqual({ kind: 'conflict', why: expect.stringContaining('DECam is not registered') });
    });

    test('a detector that comes late with another pointing in its header is taken', async () => {
      const butler = await registered();
      await butler.ingestRaws([rawOf(SimCam, 8, 0)]);
      const late = rawOf(SimCam, 8, 1, { RA: 10, REASON: 'mended' });
      expect(await kinds(butler, [late])).toEqual(['ingested']);
    });

    test('the same observation as another exposure is a conflict', async () => {
      const butler = await registered();
      const raw = rawOf(SimCam, 9, 0);
      await butler.ingestRaws([raw]);
      const exposure = { ...raw.exposure, id: 2025052199999n };
      const [outcome] = await butler.ingestRaws([
        { ...raw, exposure, dataset: rawDataset(SimCam, raw.detector, exposure.id) },
      ]);
      expect(outcome).toEqual({ kind: 'conflict', why: expect.stringContaining('SC_O_20250521_000009') });
    });

    test('a guider waits for its exposure, and comes with it in one call', async () => {
      const butler = await registered();
      await butler.register(LSSTCam);
      const guider = rawOf(LSSTCam, 10, 189);
      expect(guider.dataset.type).toBe('guider_raw');
      expect(await kinds(butler, [guider])).toEqual(['no exposure']);
      expect(await kinds(butler, [guider, rawOf(LSSTCam, 10, 94)])).toEqual(['ingested', 'ingested']);
      expect(await kinds(butler, [rawOf(LSSTCam, 10, 190)])).toEqual(['ingested']);
    });

    test('five writers that share an exposure make it once', async () => {
      const butlers = await Promise.all([1, 2, 3, 4, 5].map(registered));
      const all = butlers.map((butler) =>
        butler.ingestRaws(SimCam.detectors.map(({ number }) => rawOf(SimCam, 11, number))),
      );
      const outcomes = (await Promise.all(all)).flat().map(({ kind }) => kind);
      expect(outcomes.filter((kind) => kind === 'ingested')).toHaveLength(9);
      expect(outcomes.filter((kind) => kind === 'present')).toHaveLength(36);
    });
  });
}
