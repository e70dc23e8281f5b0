import { describe, expect, test } from 'vitest';
import { spaceTrackLimits, spaceTrackRequests } from '#shared/drivers/http/space-track.ts';
import {
  failed,
  inputsOf,
  isDue,
  newRecord,
  type Pace,
  reserved,
  type SourceRecord,
} from '../../../functions/satellite-catalog/core.ts';

const MINUTE = 60_000;
const now = 1_700_000_000_000;
const web: Pace = { everyMinutes: 120, remote: true, requests: 1, limits: [] };
const folder: Pace = { everyMinutes: 0, remote: false, requests: 1, limits: [] };
const tracked: Pace = {
  everyMinutes: 60,
  remote: true,
  requests: spaceTrackRequests,
  limits: spaceTrackLimits,
};

describe('a source', () => {
  test('is asked again when its period is over, up to a tenth later', () => {
    for (const [chance, minutes] of [
      [0, 120],
      [0.999, 132],
    ] as const) {
      const record = reserved(newRecord, web, now, chance);
      expect(isDue(record, web, now + 120 * MINUTE - 1)).toBe(false);
      expect(isDue(record, web, now + minutes * MINUTE)).toBe(true);
    }
  });

  test('of this machine is looked at at every tick', () => {
    expect(isDue(reserved(newRecord, folder, now, 0.5), folder, now)).toBe(true);
  });

  test('that fails is asked after 1, 2, 4, ... minutes, never more rarely than its period', () => {
    let record: SourceRecord = newRecord;
    const waits = Array.from({ length: 9 }, () => {
      record = failed(record, web, now, 0);
      return (record.nextMs - now) / MINUTE;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 120, 120]);
    expect(failed(newRecord, web, now, 1).nextMs - now).toBe(1.25 * MINUTE);
    expect(failed(newRecord, folder, now, 0).nextMs - now).toBe(MINUTE);
  });

  test('whose operator limits requests waits its period also after a failure', () => {
    expect(failed(newRecord, tracked, now, 0).nextMs - now).toBe(60 * MINUTE);
  });
});

test('Space-Track is never sent more than 30 requests in a minute or 300 in an hour, whatever asks', () => {
  const sent: number[] = [];
  let record: SourceRecord = newRecord;
  for (let ms = now; ms < now + 180 * MINUTE; ms += 500) {
    // What a command by date does: it does not heed the period.
    if (!isDue({ ...record, nextMs: 0 }, tracked, ms)) continue;
    record = reserved(record, tracked, ms, 0);
    sent.push(ms, ms, ms);
  }
  const most = (windowMs: number) =>
    Math.max(...sent.map((start) => sent.filter((ms) => ms >= start && ms < start + windowMs).length));
  expect(most(MINUTE)).toBe(30);
  expect(most(60 * MINUTE)).toBe(300);
  expect(record.requestsMs.length).toBeLessThanOrEqual(300);
});

test('inputs are the same for the same texts, and others for another text, source or seclusion', () => {
  const text = { version: 'v1', private: false, fetchedMs: 1 };
  const all = [
    [{ name: 'a', text }],
    [{ name: 'a' }],
    [{ name: 'b', text }],
    [{ name: 'a', text: { ...text, version: 'v2' } }],
    [{ name: 'a', text: { ...text, private: true } }],
    [{ name: 'a', text }, { name: 'b' }],
  ].map(inputsOf);
  expect(new Set(all).size).toBe(all.length);
  expect(inputsOf([{ name: 'a', text: { ...text, fetchedMs: 2 } }])).toBe(all[0]);
});
