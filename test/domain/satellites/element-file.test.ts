import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ElementFile, parseElementFile } from '#shared/domain/satellites/element-file.ts';
import { sharedData } from '../../support/shared-data.ts';

// As Space-Track gives them, numbers as text, and as CelesTrak does.
const spaceTrack = {
  CCSDS_OMM_VERS: '3.0',
  COMMENT: 'GENERATED VIA SPACE-TRACK.ORG API',
  CREATION_DATE: '2008-09-20T18:26:09',
  ORIGINATOR: '18 SPCS',
  OBJECT_NAME: 'ISS (ZARYA)',
  OBJECT_ID: '1998-067A',
  CENTER_NAME: 'EARTH',
  REF_FRAME: 'TEME',
  TIME_SYSTEM: 'UTC',
  MEAN_ELEMENT_THEORY: 'SGP4',
  EPOCH: '2008-09-20T12:25:40.104192',
  MEAN_MOTION: '15.72125391',
  ECCENTRICITY: '0.00067030',
  INCLINATION: '51.6416',
  RA_OF_ASC_NODE: '247.4627',
  ARG_OF_PERICENTER: '130.5360',
  MEAN_ANOMALY: '325.0288',
  EPHEMERIS_TYPE: '0',
  CLASSIFICATION_TYPE: 'U',
  NORAD_CAT_ID: '25544',
  ELEMENT_SET_NO: '292',
  REV_AT_EPOCH: '56353',
  BSTAR: '-0.00001160600000',
  MEAN_MOTION_DOT: '-0.00002182',
  MEAN_MOTION_DDOT: '0.0000000000000',
  DECAY_DATE: null,
  TLE_LINE0: '0 ISS (ZARYA)',
  TLE_LINE1: '1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927',
  TLE_LINE2: '2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537',
};
const celesTrak = {
  OBJECT_NAME: 'VANGUARD 1',
  OBJECT_ID: '1958-002B',
  EPOCH: '2022-08-09T07:38:25.018368',
  MEAN_MOTION: 10.84990872,
  ECCENTRICITY: 0.1848132,
  INCLINATION: 34.2634,
  RA_OF_ASC_NODE: 336.5046,
  ARG_OF_PERICENTER: 275.4677,
  MEAN_ANOMALY: 63.8983,
  EPHEMERIS_TYPE: 0,
  CLASSIFICATION_TYPE: 'U',
  NORAD_CAT_ID: 5,
  ELEMENT_SET_NO: 999,
  REV_AT_EPOCH: 29028,
  BSTAR: 0.00029705,
  MEAN_MOTION_DOT: 2.55e-6,
  MEAN_MOTION_DDOT: 0,
};
const iss = [spaceTrack.TLE_LINE1, spaceTrack.TLE_LINE2];
const vanguard = [
  '1 00005U 58002B   22221.31834512  .00000255  00000-0  29705-3 0  9994',
  '2 00005  34.2634 336.5046 1848132 275.4677  63.8983 10.84990872290287',
];
const read = (text: string): ElementFile => parseElementFile(text, 'file');
const numbers = (text: string) => read(text).elements.map(({ norad }) => norad);

const both = [spaceTrack, celesTrak];
const forms: [string, string][] = [
  ['a JSON array', JSON.stringify(both)],
  ['a JSON array with a byte order mark, laid out', `\uFEFF ${JSON.stringify(both, null, 2)}\r\n`],
  ['an object’s data', JSON.stringify({ request_metadata: { Total: 2 }, data: both })],
  ['one JSON object a line', both.map((each) => `${JSON.stringify(each)}\n`).join('\n')],
  ['JSON lines that end in CRLF', both.map((each) => `${JSON.stringify(each)}\r\n`).join('')],
  ['two lines each', [...iss, ...vanguard].join('\n')],
  ['two lines with CRLF, spaces, empty lines', `\uFEFF${[...iss, '', ...vanguard].join('  \r\n')}\r\n\r\n`],
  ['three lines each', ['ISS (ZARYA)', ...iss, 'VANGUARD 1', ...vanguard].join('\n')],
  [
    'three lines as Space-Track writes them',
    ['0 ISS (ZARYA)', ...iss, '0 VANGUARD 1', ...vanguard].join('\n'),
  ],
];

describe('a file of element sets', () => {
  it.each(forms)('is read as %s', (_, text) => {
    const { elements, refused } = read(text);
    expect(refused).toEqual([]);
    expect(elements.map(({ norad, epochMjdUtc }) => [norad, epochMjdUtc])).toEqual([
      [25_544, expect.closeTo(54_729.51782528, 8)],
      [5, expect.closeTo(59_800.31834512, 8)],
    ]);
    for (const { omm } of elements) {
      const given = both.find(({ NORAD_CAT_ID }) => Number(NORAD_CAT_ID) === omm.NORAD_CAT_ID)!;
      for (const keyword of ['MEAN_MOTION', 'ECCENTRICITY', 'INCLINATION', 'MEAN_ANOMALY', 'BSTAR'] as const)
        expect(Number(omm[keyword])).toBeCloseTo(Number(given[keyword]), 14);
    }
  });

  it('may be a single message, laid out', () => {
    expect(numbers(JSON.stringify(celesTrak, null, 1))).toEqual([5]);
  });

  it('keeps the digits of an OMM, and nothing that it does not need', () => {
    const [{ omm }] = read(JSON.stringify([{ ...spaceTrack, MEAN_MOTION: '15.721253912345' }])).elements;
    expect(omm.MEAN_MOTION).toBe('15.721253912345');
    expect(Object.keys(omm)).not.toContain('OBJECT_NAME');
    expect(Object.keys(omm)).not.toContain('TLE_LINE1');
  });

  it('takes an OMM’s keywords before the lines beside them, and the lines where they are all there is', () => {
    const { TLE_LINE1, TLE_LINE2 } = spaceTrack;
    const read = parseElementFile(
      JSON.stringify([
        { ...celesTrak, TLE_LINE1, TLE_LINE2 },
        { TLE_LINE1, TLE_LINE2 },
      ]),
      'file',
    );
    expect(read.elements.map(({ norad, format }) => [norad, format])).toEqual([
      [5, 'omm'],
      [25_544, 'tle'],
    ]);
  });

  it('has objects beyond the numbers that a TLE holds', () => {
    const list = [340_000, '799500766', 'T0003'].map((NORAD_CAT_ID) => ({ ...celesTrak, NORAD_CAT_ID }));
    expect(numbers(JSON.stringify(list))).toEqual([340_000, 799_500_766, 270_003]);
  });

  it('says when an object came down', () => {
    const { elements } = read(JSON.stringify([{ ...spaceTrack, DECAY_DATE: '2031-01-04' }, spaceTrack]));
    expect(elements.map(({ decayedMjdUtc }) => decayedMjdUtc)).toEqual([62_870, undefined]);
  });
});

describe('what cannot be read is refused by itself, with its place', () => {
  it.each<[string, object | null | number, RegExp]>([
    ['an epoch that is no time', { EPOCH: '2022-13-45' }, /EPOCH is not a time/],
    ['no epoch and no lines', { EPOCH: undefined }, /EPOCH is missing/],
    ['no mean motion', { MEAN_MOTION: null }, /MEAN_MOTION is not a number/],
    ['a mean motion below 0', { MEAN_MOTION: -10.84990872 }, /MEAN_MOTION is not above 0/],
    ['an open orbit', { ECCENTRICITY: 1.1848132 }, /ECCENTRICITY is not from 0/],
    ['a number that is none', { NORAD_CAT_ID: 'SECRET-7' }, /NORAD_CAT_ID is no whole number/],
    ['no BSTAR, as SGP4-XP’s have none', { BSTAR: undefined, BTERM: 0.02 }, /BSTAR is not a number/],
    ['SGP4-XP’s type', { EPHEMERIS_TYPE: '4' }, /EPHEMERIS_TYPE is not 0/],
    ['SGP4-XP’s theory', { MEAN_ELEMENT_THEORY: 'SGP4-XP' }, /MEAN_ELEMENT_THEORY is not SGP4/],
    ['another frame', { REF_FRAME: 'GCRF' }, /REF_FRAME is not TEME/],
    ['a decay on no day', { DECAY_DATE: 'soon 34.2634' }, /DECAY_DATE is not a day/],
    ['a null', null, /not a JSON object/],
  ])('%s', (_, change, why) => {
    const wrong = typeof change === 'object' && change ? { ...celesTrak, ...change } : change;
    const { elements, refused } = read(JSON.stringify([spaceTrack, wrong, spaceTrack]));
    expect(elements).toHaveLength(2);
    expect(refused).toEqual([{ place: 'file, element set 2', why: expect.stringMatching(why) }]);
    expectNothingOf(celesTrak, refused);
  });

  it.each([
    ['a wrong digit', [vanguard[0], vanguard[1].replace('34.2', '35.2')], [['file, line 3', /checksum/]]],
    ['line 2 missing', [vanguard[0]], [['file, line 3', /No line 2/]]],
    ['line 1 missing', [vanguard[1]], [['file, line 3', /No line 1/]]],
    ['its end cut', [vanguard[0], vanguard[1].slice(0, 50)], [['file, line 3', /69 characters/]]],
    ['a name without lines', ['VANGUARD 1', '0 ISS'], [['file, line 3', /no line of an element set/]]],
  ])('two lines with %s', (_, wrong, places) => {
    const { elements, refused } = read([...iss, ...wrong, ...iss].join('\n'));
    expect(elements.map(({ norad }) => norad)).toEqual([25_544, 25_544]);
    expect(refused).toEqual(places.map(([place, why]) => ({ place, why: expect.stringMatching(why) })));
    expectNothingOf({ first: vanguard[0], second: vanguard[1] }, refused);
  });

  it('a line of JSON that was cut', () => {
    const cut = `${JSON.stringify(spaceTrack)}\n\n${JSON.stringify(celesTrak).slice(0, -20)}`;
    const { elements, refused } = read(cut);
    expect(elements).toHaveLength(1);
    expect(refused).toEqual([{ place: 'file, line 3', why: 'It is not a JSON object.' }]);
  });

  it.each([
    ['', 'It is empty.'],
    ['\uFEFF \n', 'It is empty.'],
    [JSON.stringify(both).slice(0, -30), 'It is not whole JSON.'],
    ['{"error": "You must be logged in"}', 'EPOCH is missing.'],
    ['No GP data found', 'It is no line of an element set, nor a name before one.'],
    [
      '<!DOCTYPE html><html><body>Bad gateway</body></html>',
      'It is no line of an element set, nor a name before one.',
    ],
  ])('a text that holds none: %j', (text, why) => {
    const { elements, refused } = read(text);
    expect(elements).toEqual([]);
    expect(refused.map((each) => each.why)).toEqual([why]);
  });
});

it('is never an error, and never repeated, however a file is damaged', () => {
  const texts = forms.map(([, text]) => text);
  const damage = fc.tuple(fc.nat(), fc.nat(6), fc.string({ maxLength: 6 }));
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.array(damage, { minLength: 1, maxLength: 5 }),
      (text, damages) => {
        const damaged = damages.reduce((whole, [at, gone, put]) => {
          const place = at % whole.length;
          return `${whole.slice(0, place)}${put}${whole.slice(place + gone)}`;
        }, text);
        const { elements, refused } = read(damaged);
        for (const { norad, epochMjdUtc } of elements)
          expect([Number.isInteger(norad), Number.isFinite(epochMjdUtc)]).toEqual([true, true]);
        for (const each of both) expectNothingOf(each, refused);
      },
    ),
    { numRuns: 500 },
  );
});

/** No number of an element set stands in what is said of it. */
function expectNothingOf(fields: object, refused: ElementFile['refused']): void {
  const said = JSON.stringify(refused);
  const values = Object.values(fields).flatMap((value) => String(value).split(/\s+/));
  for (const value of values.filter((each) => /\d.{4}|.{4}\d/.test(each))) expect(said).not.toContain(value);
}

const catalog = sharedData('satellites', 'catalog-2022-08.tle');
it.skipIf(!catalog)(
  'reads a real catalogue whole, with its byte order mark, its alpha-5 numbers and its doubles',
  () => {
    const { elements, refused } = parseElementFile(readFileSync(catalog!, 'utf8'), 'catalogue');
    expect(refused).toEqual([]);
    // Counted with grep and awk.
    expect(elements).toHaveLength(25_975);
    expect(elements.filter(({ norad }) => norad >= 270_000 && norad < 280_000)).toHaveLength(275);
    expect(new Set(elements.map(({ norad }) => norad)).size).toBe(25_967);
  },
);
