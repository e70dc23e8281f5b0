import { expect, it } from 'vitest';
import type { ElementRecord } from '#shared/domain/satellites/element-file.ts';
import { mergeElements } from '#shared/domain/satellites/merge.ts';
import { mjdUtc } from '#shared/domain/time/scales.ts';

const asOf = mjdUtc(60_000);
/** An element set so many days from the moment; its mean anomaly tells it from others. */
function elements(norad: number, days: number, mark = '0', more: Partial<ElementRecord> = {}): ElementRecord {
  const omm = {
    NORAD_CAT_ID: norad,
    EPOCH: '2023-02-25T00:00:00',
    MEAN_MOTION: 15,
    ECCENTRICITY: 0,
    INCLINATION: 50,
    RA_OF_ASC_NODE: 0,
    ARG_OF_PERICENTER: 0,
    MEAN_ANOMALY: mark,
    BSTAR: 0,
  };
  return { norad, epochMjdUtc: mjdUtc(asOf + days), omm, format: 'omm', ...more };
}
const source = (name: string, ...sets: ElementRecord[]) => ({
  name,
  private: name === 'secret',
  elements: sets,
});
const taken = (...sources: ReturnType<typeof source>[]) =>
  mergeElements(sources, asOf).map(({ norad, omm, private: hidden }) => [norad, omm.MEAN_ANOMALY, hidden]);

it('takes an object’s epoch nearest to the moment, before or after it, in order of the objects', () => {
  expect(taken(source('public', elements(9, -3, 'old'), elements(5, 0), elements(9, -1, 'new')))).toEqual([
    [5, '0', false],
    [9, 'new', false],
  ]);
  expect(taken(source('public', elements(9, -1, 'before'), elements(9, 0.5, 'after')))).toEqual([
    [9, 'after', false],
  ]);
});

it('tells which element sets a private source gave, and takes each from the source that is nearer', () => {
  const open = source('public', elements(1, -1, 'open'), elements(2, -1, 'open'), elements(3, -1, 'open'));
  const secret = source(
    'secret',
    elements(2, -0.5, 'secret'),
    elements(3, -2, 'secret'),
    elements(4, -5, 'secret'),
  );
  const expected = [
    [1, 'open', false],
    [2, 'secret', true],
    [3, 'open', false],
    [4, 'secret', true],
  ];
  expect(taken(open, secret)).toEqual(expected);
  expect(taken(secret, open)).toEqual(expected);
});

it('takes an OMM before the TLE of the same epoch, which is rounded to 0.86 ms', () => {
  const rounding = 0.0004 / 86_400;
  const tle = elements(7, -1 + rounding, 'tle', { format: 'tle' });
  const omm = elements(7, -1, 'omm');
  expect(taken(source('a', tle), source('b', omm))).toEqual([[7, 'omm', false]]);
  expect(taken(source('a', omm), source('b', tle))).toEqual([[7, 'omm', false]]);
  expect(taken(source('a', omm), source('b', elements(7, -0.9, 'tle', { format: 'tle' })))).toEqual([
    [7, 'tle', false],
  ]);
});

it('takes the source named first where nothing else decides', () => {
  expect(taken(source('a', elements(7, -1, 'a')), source('b', elements(7, -1, 'b')))).toEqual([
    [7, 'a', false],
  ]);
});

it('leaves out what had come down, but not what came down since or has been seen after', () => {
  const decayed = (days: number) => ({ decayedMjdUtc: mjdUtc(asOf + days) });
  expect(
    taken(
      source('a', elements(1, -9, 'down', decayed(-8)), elements(2, -1, 'up', decayed(5))),
      source('b', elements(3, -9, 'said', decayed(-8)), elements(3, -1, 'seen')),
    ),
  ).toEqual([
    [2, 'up', false],
    [3, 'seen', false],
  ]);
  // Its last day, and the one after.
  expect(taken(source('a', elements(4, -1.5, 'falling', decayed(-1.2))))).toHaveLength(1);
});

it('makes nothing of nothing', () => {
  expect(mergeElements([], asOf)).toEqual([]);
});
