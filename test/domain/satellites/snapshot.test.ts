import { describe, expect, it } from 'vitest';
import {
  chooseSnapshot,
  parseSnapshot,
  parseSnapshotIndex,
  type Snapshot,
} from '#shared/domain/satellites/snapshot.ts';
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
  });
});

it('reads an index and says what an entry lacks', () => {
  const entry = {
    id: 'x',
    key: 'k',
    asOfUtc: '2026-02-19T21:31:36.936Z',
    count: 3,
    oldestEpochUtc: '2026-02-19T00:00:00Z',
    medianEpochUtc: '2026-02-19T01:00:00Z',
    sources: [{ name: 'public', count: 3, private: false }],
    newestEpochUtc: '2026-02-19T12:00:00.000000Z',
  };
  const [read] = parseSnapshotIndex(JSON.stringify({ snapshots: [entry] }));
  expect(read).toMatchObject({ id: 'x', key: 'k', count: 3, newestEpochMjdUtc: 61_090.5 });
  const { newestEpochUtc: _, ...lacking } = entry;
  expect(() => parseSnapshotIndex(JSON.stringify({ snapshots: [lacking] }))).toThrow(
    /, x, has no usable newestEpochUtc/,
  );
  expect(() => parseSnapshotIndex('[]')).toThrow(/has no list/);
});

it('takes a snapshot whole or not at all', () => {
  expect(() => parseSnapshot('', { id: 's', count: 1 })).toThrow('holds 0 element sets instead of 1');
  expect(() => parseSnapshot('{"EPOCH": 5}\n', { id: 's', count: 1 })).toThrow(
    'Line 1 of the snapshot s cannot',
  );
});
