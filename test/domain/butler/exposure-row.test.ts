import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { exposureRow } from '#shared/domain/butler/exposure-row.ts';
import type { Sidecar } from '#shared/domain/butler/sidecar.ts';
import { findInstrument } from '#shared/domain/ids/instruments.ts';

const folder = join(import.meta.dirname, '../../fixtures/butler');
const cases: { header: Sidecar; row: Record<string, unknown> & { timespan: [string, string] } }[] =
  JSON.parse(readFileSync(join(folder, 'exposure-rows.json'), 'utf8'));

const rowOf = (header: Sidecar) =>
  exposureRow(findInstrument(String(header.INSTRUME))!, header, String(header.OBSID));

/** Nights whose headers the original mends by a table of its own: MC_O_20250609_000578 had another filter. */
const corrected: Record<string, Partial<Record<string, unknown>>> = {
  MC_O_20250609_000578: { physical_filter: 'y_10' },
};

describe.each(cases)('the row of $row.obs_id', ({ header, row }) => {
  const { timespan, ...ours } = rowOf(header);
  const { timespan: wanted, ...columns } = { ...row, ...corrected[String(row.obs_id)] };

  it('is that of the original’s translator in every column', () => {
    for (const [column, value] of Object.entries({ ...ours, id: String(ours.id) })) {
      if (typeof value === 'number') expect(value, column).toBeCloseTo(Number(columns[column]), 9);
      else expect(value, column).toBe(columns[column]);
    }
    expect(Object.keys(ours).sort()).toEqual(Object.keys(columns).sort());
  });

  it('lasts as long, to the nanosecond', () => {
    expect([String(timespan.begin), String(timespan.end)]).toEqual(wanted);
  });
});

const science = cases.find(({ row }) => row.obs_id === 'MC_O_20251121_000156')!.header;
const without = (...keywords: string[]) =>
  Object.fromEntries(Object.entries(science).filter(([keyword]) => !keywords.includes(keyword)));

test('a header without group, reason or program gets what the original puts in their place', () => {
  const row = rowOf(without('GROUPID', 'REASON', 'TESTTYPE', 'PROGRAM', 'OBJECT', 'CURINDEX'));
  expect(row.group).toBe('2025112100156');
  expect([row.observation_reason, row.science_program, row.target_name]).toEqual([
    'science',
    'unknown',
    'UNKNOWN',
  ]);
  expect([row.seq_start, row.seq_end]).toEqual([156, 156]);
});

test('the second of three snaps knows where its sequence starts and ends', () => {
  const { seq_start, seq_end } = rowOf({ ...science, CURINDEX: 2, MAXINDEX: 3 });
  expect([seq_start, seq_end]).toEqual([155, 157]);
});

test.each([
  [{ SHUTTIME: 0 }, false],
  [{ VIGN_MIN: 'FULLY' }, false],
  [{ VIGN_MIN: 'PARTIALLY' }, true],
  [{ VIGN_MIN: 'UNKNOWN' }, null],
  [{ VIGN_MIN: null }, null],
])('with %o the sky can be seen: %s', (change, expected) => {
  expect(rowOf({ ...science, ...change }).can_see_sky).toBe(expected);
});

test('what does not track the sky has no position', () => {
  expect(rowOf({ ...science, TRACKSYS: 'LOCAL' }).tracking_ra).toBeNull();
  expect(rowOf({ ...science, IMGTYPE: 'FLAT' }).tracking_ra).toBeNull();
  expect(rowOf({ ...science, IMGTYPE: 'DARK' })).toMatchObject({
    tracking_ra: 10.722205398359963,
    sky_angle: null,
  });
  expect(rowOf({ ...science, ROTCOORD: 'horizon' }).sky_angle).toBeNull();
});

test('an exposure that would end before it begins ends as it begins', () => {
  const { timespan } = rowOf({ ...science, 'DATE-END': '2025-11-22T03:00:00' });
  expect(timespan.end).toBe(timespan.begin);
});

test('without an end it lasts as long as the shutter was open', () => {
  const { timespan } = rowOf(without('DATE-END', 'MJD-END'));
  expect(timespan.end - timespan.begin).toBe(30_001_003_027n);
});

test('a header without any date is refused by the keyword’s name', () => {
  expect(() => rowOf(without('DATE-BEG', 'DATE-OBS'))).toThrow('DATE-BEG');
});
