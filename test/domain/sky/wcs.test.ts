import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { separationArcsec } from '#shared/domain/sky/vector.ts';
import {
  pixelMap,
  pixelScaleArcsec,
  pixelToSky,
  shiftWcs,
  skyToPixel,
  type Wcs,
  wcsFromHeader,
  wcsToCards,
} from '#shared/domain/sky/wcs.ts';

interface Case {
  header: Record<string, string | number>;
  pixelToSky: [x: number, y: number, raDeg: number, decDeg: number][];
  skyToPixel: [raDeg: number, decDeg: number, x: number, y: number][];
}
const cases: Record<string, Case> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/sky/wcs.json'), 'utf8'),
);
const cardsOf = (header: Case['header']) =>
  Object.entries(header).map(([keyword, value]) => ({ keyword, value }));

/** The bar of the project: a thousandth of a milliarcsecond. */
const ARCSEC = 1e-6;

describe.each(Object.entries(cases))('%s, against astropy', (_, { header, ...rows }) => {
  const wcs = wcsFromHeader(cardsOf(header));
  const scale = pixelScaleArcsec(wcs, 500, 500);

  it('takes pixels to the sky', () => {
    for (const [x, y, raDeg, decDeg] of rows.pixelToSky) {
      const sky = pixelToSky(wcs, x, y);
      expect(separationArcsec(sky.raDeg, sky.decDeg, raDeg, decDeg)).toBeLessThan(ARCSEC);
    }
  });

  it('takes the sky to pixels, and back', () => {
    for (const [raDeg, decDeg, x, y] of rows.skyToPixel) {
      const pixel = skyToPixel(wcs, raDeg, decDeg)!;
      expect(Math.hypot(pixel.x - x, pixel.y - y) * scale).toBeLessThan(ARCSEC);
      const sky = pixelToSky(wcs, pixel.x, pixel.y);
      expect(separationArcsec(sky.raDeg, sky.decDeg, raDeg, decDeg)).toBeLessThan(ARCSEC);
    }
  });

  it('survives its own cards, JSON and a cut-out', () => {
    expect(wcsFromHeader(wcsToCards(wcs))).toEqual(wcs);
    const copy: Wcs = JSON.parse(JSON.stringify(shiftWcs(wcs, 100, -7)));
    const [x, y] = rows.pixelToSky[0];
    const [whole, part] = [pixelToSky(wcs, x, y), pixelToSky(copy, x - 100, y + 7)];
    expect(separationArcsec(whole.raDeg, whole.decDeg, part.raDeg, part.decDeg)).toBeLessThan(ARCSEC);
  });
});

const plain: Wcs = { crvalDeg: [10, 20], crpix: [511.5, 511.5], cd: [-0.2 / 3600, 0, 0, 0.2 / 3600] };

test('any pixel of any field comes back', () => {
  const field = fc.record({
    ra: fc.double({ min: 0, max: 360, noNaN: true }),
    dec: fc.double({ min: -90, max: 90, noNaN: true }),
    angle: fc.double({ min: 0, max: 6.28, noNaN: true }),
    cubic: fc.double({ min: -1e-9, max: 1e-9, noNaN: true }),
    x: fc.double({ min: -3000, max: 3000, noNaN: true }),
    y: fc.double({ min: -3000, max: 3000, noNaN: true }),
  });
  fc.assert(
    fc.property(field, ({ ra, dec, angle, cubic, x, y }) => {
      const s = 0.2 / 3600;
      const terms = new Array(16).fill(0);
      const wcs: Wcs = {
        crvalDeg: [ra, dec],
        crpix: [100, 200],
        cd: [-s * Math.cos(angle), s * Math.sin(angle), s * Math.sin(angle), s * Math.cos(angle)],
        distortion: {
          kind: 'SIP',
          order: 3,
          a: terms.with(12, cubic).with(6, cubic),
          b: terms.with(3, cubic),
        },
      };
      const sky = pixelToSky(wcs, x, y);
      const back = skyToPixel(wcs, sky.raDeg, sky.decDeg)!;
      expect(Math.hypot(back.x - x, back.y - y) * 0.2).toBeLessThan(ARCSEC);
    }),
    { numRuns: 200 },
  );
});

test.each(Object.entries(cases))(
  'pixels of %s onto another image, as by way of the sky',
  (_, { header, ...rows }) => {
    const from = wcsFromHeader(cardsOf(header));
    const { raDeg, decDeg } = pixelToSky(from, 500, 500);
    const to: Wcs = { crvalDeg: [raDeg, decDeg], crpix: [300, 200], cd: [-4e-5, 3e-5, 3e-5, 4e-5] };
    const map = pixelMap(from, to);
    const back = pixelMap(to, from);
    const out = new Float64Array(6);
    for (const [x, y] of rows.pixelToSky) {
      const sky = pixelToSky(from, x, y);
      const expected = skyToPixel(to, sky.raDeg, sky.decDeg)!;
      expect(map(x, y, out, 2)).toBe(true);
      expect(Math.hypot(out[2] - expected.x, out[3] - expected.y)).toBeLessThan(1e-6);
      expect(back(out[2], out[3], out, 4)).toBe(true);
      expect(Math.hypot(out[4] - x, out[5] - y)).toBeLessThan(1e-6);
    }
    expect(out[0]).toBe(0);
  },
);

test('no pixel of the other hemisphere is on the image', () => {
  const map = pixelMap({ ...plain, crvalDeg: [190, -20] }, plain);
  expect(map(511.5, 511.5, new Float64Array(2), 0)).toBe(false);
});

test('the other hemisphere has no pixel', () => {
  expect(skyToPixel(plain, 190, -20)).toBeUndefined();
  expect(skyToPixel(plain, 100.0001, 0)).toBeUndefined();
});

test('the scale of a pixel', () => {
  expect(pixelScaleArcsec(plain, 511.5, 511.5)).toBeCloseTo(0.2, 9);
});

describe('refuses, naming the keyword', () => {
  const good = wcsToCards(plain);
  const changed = (keyword: string, value: string | number) => [
    ...good.filter((card) => card.keyword !== keyword),
    { keyword, value },
  ];
  it.each([
    ['CTYPE1', changed('CTYPE1', 'RA---SIN'), /CTYPE1 'RA---SIN'/],
    ['CTYPE1 and 2 swapped', changed('CTYPE1', 'DEC--TAN'), /CTYPE1 'DEC--TAN'/],
    ['no CTYPE', good.filter((card) => card.keyword !== 'CTYPE2'), /CTYPE2/],
    ['PV with TAN', changed('PV2_1', 1.01), /PV2_1/],
    ['FK4', changed('RADESYS', 'FK4'), /RADESYS is 'FK4'/],
    [
      'B1950',
      [...good.filter((card) => card.keyword !== 'RADESYS'), { keyword: 'EQUINOX', value: 1950 }],
      /EQUINOX/,
    ],
    ['other units', changed('CUNIT1', 'arcsec'), /CUNIT1 is 'arcsec'/],
    ['no CRVAL', good.filter((card) => card.keyword !== 'CRVAL2'), /CRVAL2/],
    ['no matrix', good.filter((card) => !card.keyword.startsWith('CD')), /CDELT1/],
    ['a singular matrix', changed('CD1_1', 0), /no inverse/],
    [
      'a SIP of order 12',
      [
        ...changed('CTYPE1', 'RA---TAN-SIP').filter((card) => card.keyword !== 'CTYPE2'),
        { keyword: 'CTYPE2', value: 'DEC--TAN-SIP' },
        { keyword: 'A_ORDER', value: 12 },
        { keyword: 'B_ORDER', value: 2 },
      ],
      /A_ORDER is 12/,
    ],
  ])('%s', (_, header, message) => {
    expect(() => wcsFromHeader(header)).toThrow(message);
  });
});
