import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildSnapshot } from '#shared/domain/satellites/build-snapshot.ts';
import { type ElementRecord, parseElementFile } from '#shared/domain/satellites/element-file.ts';
import { parseSnapshotEntry } from '#shared/domain/satellites/snapshot-entry.ts';
import { isoUtc, mjdUtc } from '#shared/domain/time/scales.ts';
import { satellitesIn } from '../../support/satellites-in.ts';
import { sharedData } from '../../support/shared-data.ts';

const asOf = mjdUtc(60_000.25);
/** Satellites with epochs so many days before the moment. */
function elements(first: number, ...daysBefore: number[]): ElementRecord[] {
  const messages = daysBefore.map((days, index) => ({
    NORAD_CAT_ID: first + index,
    EPOCH: isoUtc(mjdUtc(asOf - days)),
    MEAN_MOTION: '15.1',
    ECCENTRICITY: '0.001',
    INCLINATION: '51.6',
    RA_OF_ASC_NODE: 10 * index,
    ARG_OF_PERICENTER: 20,
    MEAN_ANOMALY: 30,
    BSTAR: '0.0001',
  }));
  return [...parseElementFile(JSON.stringify(messages), 'made').elements];
}
const open = { name: 'public', private: false, elements: elements(100, 0.5, 1.0012345, 3) };
const secret = { name: 'secret', private: true, elements: elements(900, 0.1234567, 2) };
const build = (sources = [open], nonce = 'a', moment = asOf) =>
  buildSnapshot({ asOf: moment, sources, nonce });

describe('a snapshot', () => {
  it('says what it holds', () => {
    const { entry, publicLines, privateLines } = build([open, secret]);
    expect(entry).toEqual({
      id: expect.stringMatching(/^20230225T0600-[0-9a-f]{8}$/),
      key: `satellites/snapshots/${entry.id}.jsonl.gz`,
      asOfUtc: '2023-02-25T06:00:00.000Z',
      count: 5,
      oldestEpochUtc: '2023-02-22T06:00:00.000Z',
      // Of 3, 2, 1.0012, 0.5 and 0.12 days, down to the minute.
      medianEpochUtc: '2023-02-24T05:58:00.000Z',
      newestEpochUtc: '2023-02-25T03:02:00.000Z',
      sources: [
        { name: 'public', count: 3, newestEpochUtc: '2023-02-24T18:00:00.000Z', private: false },
        { name: 'secret', count: 2, newestEpochUtc: '2023-02-25T03:02:00.000Z', private: true },
      ],
      sealed: { key: `satellites/snapshots/${entry.id}.sealed`, count: 2 },
    });
    expect(parseSnapshotEntry(JSON.stringify(entry), 'entry')).toEqual(entry);
    expect(satellitesIn(publicLines, 3)).toHaveLength(3);
    expect(satellitesIn(privateLines, 2)).toHaveLength(2);
  });

  it('is the same for the same input in whatever order a source gives it', () => {
    const turned = { ...open, elements: open.elements.toReversed() };
    expect(build([turned])).toEqual(build());
    expect(build([open], 'another nonce')).toEqual(build());
  });

  it('has another id for another moment and for other elements', () => {
    const other = { ...open, elements: elements(101, 0.5, 1.0012345, 3) };
    const ids = [build(), build([other]), build([open], 'a', mjdUtc(asOf + 2 / 86_400))].map(
      ({ entry }) => entry.id,
    );
    expect(new Set(ids).size).toBe(3);
  });

  it('tells nothing of private elements outside their part', () => {
    const { entry, publicLines } = build([open, secret]);
    for (const text of [publicLines, JSON.stringify(entry)]) {
      for (const { norad, omm } of secret.elements) {
        expect(text).not.toContain(String(norad));
        expect(text).not.toContain(omm.EPOCH.slice(0, 19));
      }
    }
  });

  it('does not let a guess of private elements be verified by its id', () => {
    const [one, other] = ['a', 'b'].map((nonce) => build([open, secret], nonce));
    expect(one.entry.id).not.toBe(other.entry.id);
    expect(one.privateLines).toBe(other.privateLines);
    // What somebody with the right guess can compute without the nonce.
    const guess = createHash('sha256')
      .update(`${one.entry.asOfUtc}\n${one.publicLines}${one.privateLines}`)
      .digest('hex');
    expect(one.entry.id).not.toContain(guess.slice(0, 8));
  });

  it('is not kept fresh by an epoch that is still to come, but by one right after a past night', () => {
    const coming = { ...open, elements: elements(100, 4, -30) };
    expect(build([coming]).entry.newestEpochUtc).toBe('2023-02-21T06:00:00.000Z');
    const after = { ...open, elements: elements(100, -0.25, -2) };
    expect(build([after]).entry.newestEpochUtc).toBe('2023-02-25T12:00:00.000Z');
  });

  it('may be empty, which a source may be as well', () => {
    const { entry, publicLines } = build([{ name: 'public', private: false, elements: [] }]);
    expect(entry).toMatchObject({ count: 0, sources: [{ name: 'public', count: 0, private: false }] });
    expect(publicLines).toBe('');
    expect(parseSnapshotEntry(JSON.stringify(entry), 'entry')).toEqual(entry);
  });
});

const catalog = sharedData('satellites', 'catalog-2022-08.tle');
it.skipIf(!catalog)(
  'of a real catalogue has each object once, in order, at the epoch nearest to the moment',
  () => {
    const { elements } = parseElementFile(readFileSync(catalog!, 'utf8'), 'catalogue');
    const sources = [{ name: 'catalogue', private: false, elements }];
    const epochOf = (lines: string, norad: number) =>
      new RegExp(`D":${norad},"EPOCH":"([^"]+)"`).exec(lines)?.[1];
    const august = buildSnapshot({ asOf: mjdUtc(59_801), sources, nonce: '' });
    const ids = august.publicLines
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).NORAD_CAT_ID);
    expect(ids).toHaveLength(25_967);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    // Two sets each of 51082, of days 222.64 of 2022 and 125.98.
    expect(epochOf(august.publicLines, 51_082)).toBe('2022-08-09T15:18:26.662176');
    const may = buildSnapshot({ asOf: mjdUtc(59_706), sources, nonce: '' });
    expect(epochOf(may.publicLines, 51_082)).toBe('2022-05-05T23:34:39.152640');
  },
);
