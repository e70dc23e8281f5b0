import { describe, expect, it } from 'vitest';
import type { SnapshotEntry } from '#shared/domain/satellites/snapshot-entry.ts';
import { refusalOf } from '#shared/domain/satellites/snapshot-refusal.ts';

const rules = { maxAgeHours: 24, maxShrink: 0.05, requiredSources: ['secret'] };
function entry(publicCount: number, secretCount: number, change: Partial<SnapshotEntry> = {}): SnapshotEntry {
  const newestEpochUtc = '2026-02-19T12:00:00Z';
  return {
    id: 'x',
    key: 'satellites/snapshots/x.jsonl.gz',
    asOfUtc: '2026-02-20T00:00:00Z',
    count: publicCount + secretCount,
    oldestEpochUtc: '2026-01-19T12:00:00Z',
    medianEpochUtc: '2026-02-19T00:00:00Z',
    newestEpochUtc,
    sources: [
      { name: 'public', count: publicCount, newestEpochUtc, private: false },
      { name: 'secret', count: secretCount, newestEpochUtc, private: true },
    ],
    ...change,
  };
}
const before = entry(26_000, 300);

describe('a snapshot', () => {
  it('is not refused when it is whole, first or for a past night', () => {
    expect(refusalOf(before, undefined, rules)).toBeUndefined();
    expect(refusalOf(entry(25_100, 290), before, rules)).toBeUndefined();
    expect(refusalOf(entry(100, 10), undefined, rules)).toBeUndefined();
  });

  it.each<[string, SnapshotEntry, SnapshotEntry | undefined, string, RegExp]>([
    ['is empty', entry(0, 0), before, 'empty', /No source gave an element set/],
    [
      'is smaller by more than 5 %',
      entry(24_600, 300),
      before,
      'shrunk',
      /^The catalogue has 24900 objects, more than 5 % fewer than the 26300 before/,
    ],
    [
      'has a required source smaller by more than 5 %',
      entry(26_900, 284),
      before,
      'shrunk',
      /^The source secret, which is required, has 284 objects, more than 5 % fewer than the 300/,
    ],
    [
      'lacks a required source',
      entry(26_300, 0),
      before,
      'missing_source',
      /secret, which is required, gave no/,
    ],
    [
      'does not know a required source',
      entry(26_300, 300, { sources: [before.sources[0]] }),
      undefined,
      'missing_source',
      /secret, which is required, gave no/,
    ],
    [
      'has no epoch within the limit',
      entry(26_000, 300, { newestEpochUtc: '2026-02-18T18:00:00Z' }),
      before,
      'stale',
      /^The catalogue has no element set within 24 h of 2026-02-20T00:00:00Z: the nearest is 30\.0 h away/,
    ],
    [
      'is of a past night and has its epochs too long after it',
      entry(26_000, 300, { newestEpochUtc: '2026-02-21T06:00:00Z' }),
      undefined,
      'stale',
      /30\.0 h away/,
    ],
    [
      'has a required source that stands still',
      entry(26_000, 300, {
        sources: [before.sources[0], { ...before.sources[1], newestEpochUtc: '2026-02-16T00:00:00Z' }],
      }),
      before,
      'stale',
      /^The source secret, which is required, has no element set within 24 h .* 96\.0 h away/,
    ],
  ])('is refused where it %s', (_, candidate, previous, reason, why) => {
    expect(refusalOf(candidate, previous, rules)).toEqual({ reason, why: expect.stringMatching(why) });
  });

  it('may lose what no rule requires, by as much as the rule allows and no more', () => {
    const free = { ...rules, requiredSources: [] };
    expect(refusalOf(entry(26_000, 0), before, free)).toBeUndefined();
    expect(refusalOf(entry(24_985, 0), before, free)).toBeUndefined();
    expect(refusalOf(entry(24_984, 0), before, free)).toMatchObject({ reason: 'shrunk' });
  });
});
