import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sgp4, twoline2satrec } from 'satellite.js';
import { describe, expect, it } from 'vitest';
import { satelliteOf } from '#shared/domain/satellites/element-set.ts';
import { epochOf } from '#shared/domain/satellites/omm.ts';
import { ommFromTle } from '#shared/domain/satellites/two-line.ts';
import { sharedData } from '../../support/shared-data.ts';

// The International Space Station in the example of CelesTrak's documentation of the format.
const line1 = '1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927';
const line2 = '2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537';

/** With the checksum that the line then has. */
function signed(line: string): string {
  const sum = [...line.slice(0, 68)].reduce((all, each) => all + (each === '-' ? 1 : Number(each) || 0), 0);
  return `${line.slice(0, 68)}${sum % 10}`;
}
const omm = (first = line1, second = line2) => ommFromTle(first, second);

describe('two lines as an OMM', () => {
  it('keep every digit', () => {
    expect(omm()).toEqual({
      NORAD_CAT_ID: 25_544,
      OBJECT_ID: '1998-067A',
      CLASSIFICATION_TYPE: 'U',
      EPOCH: '2008-09-20T12:25:40.104192',
      MEAN_MOTION: '15.72125391',
      ECCENTRICITY: '0.0006703',
      INCLINATION: '51.6416',
      RA_OF_ASC_NODE: '247.4627',
      ARG_OF_PERICENTER: '130.5360',
      MEAN_ANOMALY: '325.0288',
      EPHEMERIS_TYPE: '0',
      ELEMENT_SET_NO: '292',
      REV_AT_EPOCH: '56353',
      BSTAR: '-0.11606e-4',
      MEAN_MOTION_DOT: '-0.00002182',
      MEAN_MOTION_DDOT: '0.00000e-0',
    });
  });

  it('are what the exporter of the sgp4 package makes of them', () => {
    const file = join(import.meta.dirname, '../../fixtures/satellites/directions.json');
    const cases: { lines: [string, string]; omm?: Record<string, string | number> }[] = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const exported = cases.filter((each) => each.omm);
    expect(exported.length).toBeGreaterThan(15);
    for (const { lines, omm: theirs } of exported) {
      const { EPOCH, OBJECT_ID, CLASSIFICATION_TYPE, ...numbers } = omm(...lines);
      expect({ OBJECT_ID, CLASSIFICATION_TYPE }).toEqual({
        OBJECT_ID: theirs!.OBJECT_ID,
        CLASSIFICATION_TYPE: theirs!.CLASSIFICATION_TYPE,
      });
      // Theirs is cut to the microsecond from a double.
      const [ours, other] = [EPOCH, String(theirs!.EPOCH)].map((time) => epochOf({ EPOCH: time }));
      expect(Math.abs(ours - other) * 86_400e6).toBeLessThan(2);
      for (const [keyword, value] of Object.entries(numbers))
        expect(Number(value), keyword).toBeCloseTo(Number(theirs![keyword]), 12);
    }
  });

  it.each([
    ['57', '001.00000000', '1957-01-01T00:00:00.000000'],
    ['99', '365.99999999', '1999-12-31T23:59:59.999136'],
    ['00', '366.50000000', '2000-12-31T12:00:00.000000'],
    ['56', '366.00000001', '2056-12-31T00:00:00.000864'],
    ['08', ' 60.25000000', '2008-02-29T06:00:00.000000'],
  ])('take the year %s and day %s for %s', (year, day, time) => {
    expect(omm(signed(line1.replace('08264.51782528', year + day))).EPOCH).toBe(time);
  });

  it('may have letters in their number, blanks before it, plus signs and trailing spaces', () => {
    const numbered = (text: string) => [line1, line2].map((line) => signed(line.replace('25544', text)));
    expect(omm(...(numbered('T5544') as [string, string])).NORAD_CAT_ID).toBe(275_544);
    expect(omm(...(numbered('   12') as [string, string])).NORAD_CAT_ID).toBe(12);
    const plus = signed(line1.replace(' -.00002182  00000-0 -11606-4', ' +.00002182 +00000+0 +11606-4'));
    expect(omm(`${plus}  `, `${line2} `)).toMatchObject({
      BSTAR: '0.11606e-4',
      MEAN_MOTION_DOT: '0.00002182',
    });
  });

  it('may have in what SGP4 does not use what others write there', () => {
    // Both stand so in CelesTrak's group of active satellites of April 2026.
    const qo100 = omm(
      '1 43700U 18090A   26114.78788743  .00000130  00000-0  00000 0 0  9991',
      '2 43700   0.0140 146.4482 0001216 268.5598 107.2227  1.00273574 27147',
    );
    expect(qo100).toMatchObject({ BSTAR: '0.00000e0', MEAN_MOTION_DDOT: '0.00000e-0' });
    const tacsat = omm(
      '1 03889U 69036A   22058.58164633 0.00000000  00000-0  00000-0 0    08',
      '2 03889  10.3920  54.5705 0924613 151.8146 208.1854  1.00414653    04',
    );
    expect(tacsat).toMatchObject({ MEAN_MOTION_DOT: '0.00000000', ELEMENT_SET_NO: '0', REV_AT_EPOCH: '0' });
    const torn = omm(signed(`${line1.slice(0, 33)}********** ******** ${line1.slice(53, 64)}****`));
    expect(torn).toMatchObject({ BSTAR: '-0.11606e-4' });
    expect(torn.MEAN_MOTION_DOT ?? torn.MEAN_MOTION_DDOT ?? torn.ELEMENT_SET_NO).toBeUndefined();
  });

  it.each([
    ['a wrong checksum', [line1.replace('264.5', '264.6'), line2], /^Line 1 has a wrong checksum/],
    ['a wrong checksum in line 2', [line1, line2.replace('51.6', '51.7')], /^Line 2 has a wrong checksum/],
    ['lines of two satellites', [line1, signed(line2.replace('25544', '25553'))], /different objects/],
    ['a cut line', [line1, line2.slice(0, 60)], /^Line 2 does not have 69 characters/],
    ['lines in the wrong order', [line2, line1], /begin with 1/],
    ['a letter among the digits', [line1, signed(line2.replace('0006703', '000670A'))], /^Line 2 .* number/],
    ['columns that are shifted', [signed(line1.replace('08264.', '0826.4')), line2], /^Line 1 .* number/],
    ['the day 366 of a year that has none', [signed(line1.replace('08264', '07366')), line2], /a day that/],
    ['the day 0', [signed(line1.replace('08264', '08000')), line2], /a day that/],
    ['a number with I', [line1, line2].map((line) => signed(line.replace('25', 'I5'))), /NORAD_CAT_ID/],
    ['SGP4-XP’s elements', [signed(line1.replace('-4 0 ', '-4 4 ')), line2], /EPHEMERIS_TYPE is not 0.*XP/],
  ])('are refused with %s, and no word repeats them', (_, [first, second], why) => {
    expect(() => omm(first, second)).toThrow(why);
    let text = '';
    try {
      omm(first, second);
    } catch (error) {
      text = String(error);
    }
    const fields = [first, second].flatMap((line) => line.split(/\s+/)).filter((field) => field.length > 2);
    for (const field of fields) expect(text).not.toContain(field);
  });
});

const catalog = sharedData('satellites', 'catalog-2022-08.tle');
it.skipIf(!catalog)(
  'places the satellites of a real catalogue where satellite.js places them from the lines',
  () => {
    const lines = readFileSync(catalog!, 'utf8').replace('\uFEFF', '').trimEnd().split('\n');
    let [worstKm, compared] = [0, 0];
    // Every 13th of 26,000, near the epoch and far from it.
    for (let index = 0; index < lines.length; index += 26) {
      const theirs = twoline2satrec(lines[index], lines[index + 1]);
      const { satrec, epochMjdUtc } = satelliteOf(omm(lines[index], lines[index + 1]));
      expect(Math.abs(epochMjdUtc + 2_400_000.5 - theirs.jdsatepoch) * 86_400).toBeLessThan(1e-4);
      for (const minutes of [0, 777, 10_080]) {
        const [one, other] = [sgp4(satrec, minutes), sgp4(theirs, minutes)].map((state) => state?.position);
        expect(one === undefined).toBe(other === undefined);
        if (!one || !other || Number.isNaN(other.x)) continue;
        compared++;
        worstKm = Math.max(worstKm, Math.hypot(one.x - other.x, one.y - other.y, one.z - other.z));
      }
    }
    expect(compared).toBeGreaterThan(5000);
    // Deep ones 2 cm: the Moon stands where it stood up to a millisecond before, to which json2satrec cuts the epoch.
    expect(worstKm).toBeLessThan(5e-5);
  },
);
