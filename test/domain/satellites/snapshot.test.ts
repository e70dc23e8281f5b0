import { describe, expect, it } from 'vitest';
import { chooseSnapshot, parseSnapshotIndex, type Snapshot } from '#shared/domain/satellites/snapshot.ts';
import { parseSnapshotEntries, snapshotIndex } from '#shared/domain/satellites/snapshot-entry.ts';
import { mjdUtc } from '#shared/domain/time/scales.ts';

const made = (id: string, created: number, newest = created - 0.05, count = 9): Snapshot => ({
  id,
  key: `satellites/snapshots/${id}.jsonl.gz`,
  asOfMjdUtc: mjdUtc(created),
  newestEpochMjdUtc: mjdUtc(newest),
  count,
});
const chosen = (snapshots: Snapshot[], end: number) => {
  const choice = chooseSnapshot(snapshots, mjdUtc(end), { maxAgeHours: 24, historical: false });
  return choice.snapshot ? choice.snapshot.id : choice.why;
};

describe('the choice of a snapshot for a past night', () => {
  const nearest = (snapshots: Snapshot[], end: number) =>
    chooseSnapshot(snapshots, mjdUtc(end), { maxAgeHours: 24, historical: true });

  it('is the nearest on either side, however many lie between', () => {
    const list = [made('a', 60_000), made('b', 60_001), made('c', 60_002, 60_001.99), made('d', 60_003)];
    expect(nearest(list, 60_001.7)).toMatchObject({
      snapshot: { id: 'c' },
      ageHours: expect.closeTo(7.2, 6),
    });
    expect(nearest(list, 60_001.2)).toMatchObject({ snapshot: { id: 'b' }, ageHours: expect.closeTo(6, 6) });
    // The catalogue of the very day, made from elements of the week before, is not the nearest.
    expect(nearest([made('stale', 60_002, 59_995), made('near', 60_002.5)], 60_002)).toMatchObject({
      snapshot: { id: 'near' },
    });
  });

  it('is the last one made of a moment, which corrects the others of it', () => {
    const [first, second] = [made('first', 60_001), made('second', 60_001 + 2 / 86_400_000, 60_000.95)];
    for (const end of [60_000.8, 60_001.2]) {
      expect(nearest([second, first], end)).toMatchObject({ snapshot: { id: 'second' } });
      expect(chosen([second, first], end)).toBe('second');
    }
  });

  it('is none where none lies within the limit', () => {
    expect(nearest([made('a', 60_000), made('b', 60_003.5)], 60_002)).toEqual({
      reason: 'stale_catalogue',
      why: 'the satellite catalogue nearest to the visit is 36.0 h away, more than the 24 h allowed',
    });
    expect(nearest([], 60_002)).toMatchObject({ reason: 'no_catalogue' });
  });
});

describe('the choice of a snapshot', () => {
  it('is the last one before the exposure ended, in whatever order they stand', () => {
    const list = [made('b', 60_001.5), made('c', 60_002.1), made('a', 60_001)];
    expect(chosen(list, 60_002)).toBe('b');
    expect(chosen(list, 60_002.1)).toBe('c');
  });

  it('is the first one after it where the one before is too old', () => {
    const list = [made('old', 60_000), made('next', 60_002.2), made('later', 60_002.4)];
    expect(chosen(list, 60_002)).toBe('next');
  });

  it('takes a snapshot for as old as its newest element set', () => {
    expect(chosen([made('stale', 60_002, 60_000.5)], 60_002.1)).toMatch(/38\.4 h away, more than the 24 h/);
  });

  it('is none where all are too far, empty, or missing', () => {
    expect(chosen([made('old', 60_000), made('far', 60_005)], 60_002)).toMatch(
      /^the satellite catalogue nearest/,
    );
    expect(chosen([made('empty', 60_002, 60_002, 0)], 60_002)).toBe('there is no satellite catalogue');
    expect(chosen([], 60_002)).toBe('there is no satellite catalogue');
    const reasons = [[made('old', 60_000)], []].map((list) =>
      chooseSnapshot(list, mjdUtc(60_002), { maxAgeHours: 24, historical: false }),
    );
    expect(reasons).toMatchObject([{ reason: 'stale_catalogue' }, { reason: 'no_catalogue' }]);
  });
});

const entry = {
  id: 'x',
  key: 'k',
  asOfUtc: '2026-02-19T21:31:36.936Z',
  count: 3,
  oldestEpochUtc: '2026-02-19T00:00:00Z',
  medianEpochUtc: '2026-02-19T01:00:00Z',
  newestEpochUtc: '2026-02-19T12:00:00.000000Z',
  sources: [{ name: 'public', count: 3, private: false }],
  sealed: { key: 's', count: 1 },
};

describe('the index', () => {
  it('is read for what the gate needs', () => {
    const { sealed, ...open } = entry;
    const [first, second] = parseSnapshotIndex(JSON.stringify({ snapshots: [entry, { ...open, id: 'y' }] }));
    expect(first).toEqual({
      id: 'x',
      key: 'k',
      count: 3,
      asOfMjdUtc: expect.closeTo(61_090.89695528, 8),
      newestEpochMjdUtc: 61_090.5,
      sealed,
    });
    expect(second).toMatchObject({ id: 'y', count: 3 });
    expect(second.sealed).toBeUndefined();
  });

  it.each<[string, object]>([
    ['id', { id: '' }],
    ['key', { key: undefined }],
    ['count', { count: '3' }],
    ['count', { count: -1 }],
    ['asOfUtc', { asOfUtc: 'yesterday' }],
    ['oldestEpochUtc', { oldestEpochUtc: 5 }],
    ['medianEpochUtc', { medianEpochUtc: null }],
    ['newestEpochUtc', { newestEpochUtc: undefined }],
    ['sources', { sources: undefined }],
    ['sources', { sources: [{ name: 'public', count: 3 }] }],
    ['sealed', { sealed: { key: 's' } }],
    ['sealed', { sealed: { key: 's', count: 4 } }],
  ])('is refused where an entry has no usable %s: %j', (keyword, change) => {
    const text = JSON.stringify({ snapshots: [entry, { ...entry, ...change }] });
    expect(() => parseSnapshotIndex(text)).toThrow(RangeError);
    expect(() => parseSnapshotIndex(text)).toThrow(
      new RegExp(`^Entry 2 of satellites/snapshots/index.json.* has no usable ${keyword}\\.$`),
    );
  });

  it.each([
    ['', /index.json is not JSON/],
    ['{"snapshots": [', /index.json is not JSON/],
    ['[]', /has no list of snapshots/],
    ['{"snapshots": {}}', /has no list of snapshots/],
    ['{"snapshots": [null]}', /Entry 1 of .* is not an object/],
  ])('is refused where it is %j', (text, why) => {
    expect(() => parseSnapshotIndex(text)).toThrow(RangeError);
    expect(() => parseSnapshotIndex(text)).toThrow(why);
  });

  it('is written in the order of the moments and read back', () => {
    const later = { ...entry, id: 'b', asOfUtc: '2026-02-20T00:00:00.000Z' };
    const [x, twin] = [entry, { ...entry, id: 'y' }];
    expect(parseSnapshotEntries(snapshotIndex([later, twin, x]))).toEqual([x, twin, later]);
  });
});
