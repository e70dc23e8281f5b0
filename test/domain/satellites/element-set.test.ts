import { expect, it } from 'vitest';
import { parseOmm } from '#shared/domain/satellites/element-set.ts';
import { parseTle } from '../../support/parse-tle.ts';

// The International Space Station in the example of CelesTrak's documentation of the format.
const line1 = '1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927';
const line2 = '2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537';
const omm = {
  OBJECT_NAME: 'ISS (ZARYA)',
  EPOCH: '2008-09-20T12:25:40.104192',
  MEAN_MOTION: '15.72125391',
  ECCENTRICITY: 0.0006703,
  INCLINATION: 51.6416,
  RA_OF_ASC_NODE: 247.4627,
  ARG_OF_PERICENTER: 130.536,
  MEAN_ANOMALY: 325.0288,
  EPHEMERIS_TYPE: 0,
  NORAD_CAT_ID: 339_999_999,
  BSTAR: '-.11606e-4',
};

it('reads the same elements from two lines and from an OMM, to the microsecond', () => {
  const [lines, object] = [parseTle(line1, line2), parseOmm(JSON.stringify(omm))];
  expect(Math.abs(lines.epochMjdUtc - object.epochMjdUtc) * 86_400e6).toBeLessThan(2);
  for (const field of ['no', 'ecco', 'inclo', 'nodeo', 'argpo', 'mo', 'bstar'] as const)
    expect(object.satrec[field]).toBeCloseTo(lines.satrec[field], 12);
});

it('reads ids of both kinds that five digits do not hold', () => {
  const sign = (line: string) => {
    const sum = [...line.slice(0, 68)].reduce((all, c) => all + (c === '-' ? 1 : Number(c) || 0), 0);
    return `${line.slice(0, 68)}${sum % 10}`;
  };
  const alpha5 = [line1, line2].map((line) => sign(line.replace('25544', 'T5544')));
  expect(parseTle(alpha5[0], alpha5[1]).satrec.no).toBe(parseTle(line1, line2).satrec.no);
});

it.each([
  ['a wrong checksum', [line1.replace('264.5', '264.6'), line2], /Line 1 .* checksum/],
  ['lines of two satellites', [line1, line2.replace('25544', '25553')], /different objects/],
  ['a cut line', [line1, line2.slice(0, 60)], /Line 2 .* 69 characters/],
  ['lines in the wrong order', [line2, line1], /begin with 1/],
])('refuses %s', (_, [first, second], why) => {
  expect(() => parseTle(first, second)).toThrow(why);
});

it.each([
  ['no epoch', { EPOCH: undefined }, /EPOCH is missing/],
  ['an epoch that is no time', { EPOCH: 'today' }, /EPOCH is not a time/],
  ['no mean motion', { MEAN_MOTION: undefined }, /MEAN_MOTION is not a number/],
  ['an empty inclination', { INCLINATION: '' }, /INCLINATION is not a number/],
  ['an ephemeris that is not SGP4’s', { EPHEMERIS_TYPE: '4' }, /EPHEMERIS_TYPE is not 0/],
])('refuses an OMM with %s', (_, change, why) => {
  expect(() => parseOmm(JSON.stringify({ ...omm, ...change }))).toThrow(why);
});
