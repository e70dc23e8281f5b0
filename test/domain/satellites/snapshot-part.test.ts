import { expect, it } from 'vitest';
import { satellitesIn } from '../../support/satellites-in.ts';

it('is read whole or not at all, and nothing is said of what stands in it', () => {
  const wrong = '{"EPOCH": "2026-02-19T12:00:00", "MEAN_MOTION": "15.7SECRET"}\n';
  expect(() => satellitesIn(wrong, 1)).toThrow(
    /^Line 1 of the snapshot s cannot be read: MEAN_MOTION is not a number\.$/,
  );
  expect(() => satellitesIn('{"MEAN_MOTION": 15.72125391,', 1)).toThrow(
    /^Line 1 of the snapshot s cannot be read: It is not a JSON object\.$/,
  );
  expect(() => satellitesIn('', 1)).toThrow('The snapshot s holds 0 element sets instead of 1.');
  expect(() => satellitesIn('{"EPOCH": 5}\n', 1)).toThrow('Line 1 of the snapshot s cannot');
});

it('tells of a private part not even which line or keyword is wrong', () => {
  expect(() => satellitesIn('{"EPOCH": 5}\n', 1, true)).toThrow(
    /^A line of the private part of the snapshot s cannot be read\.$/,
  );
});
