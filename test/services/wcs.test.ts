import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Header } from '#shared/domain/fits/header.ts';
import { openFits } from '#shared/domain/fits/open.ts';
import { findInstrument } from '#shared/domain/ids/instruments.ts';
import { bivariate } from '#shared/domain/sky/bivariate.ts';
import { detectorWcs } from '#shared/domain/sky/camera.ts';
import { correctWcs } from '#shared/domain/sky/correct-wcs.ts';
import { separationArcsec } from '#shared/domain/sky/vector.ts';
import {
  pixelScaleArcsec,
  pixelToSky,
  skyToPixel,
  type Wcs,
  wcsFromHeader,
  wcsToCards,
} from '#shared/domain/sky/wcs.ts';
import { suiteFolder } from '../support/folders.ts';
import { python, pythonWithPackages } from '../support/python.ts';
import { random } from '../support/scene.ts';
import { obtain } from '../support/services/availability.ts';
import { sharedData } from '../support/shared-data.ts';

interface Case {
  readonly name: string;
  readonly wcs: Wcs;
  readonly pixels: readonly (readonly [number, number])[];
  /** What astropy reads. */
  readonly source:
    | { readonly header: Readonly<Record<string, unknown>> }
    | { readonly file: string; hdu: number };
}

const ARCSEC = 1e-6;
const POINTS = 200;

const astropy = await obtain(pythonWithPackages);
const { uniform, normal } = random(2026);
const between = (low: number, high: number): number => low + (high - low) * uniform();
const pixelsWithin = (width: number, height: number): [number, number][] =>
  Array.from({ length: POINTS }, () => [between(-50, width + 50), between(-50, height + 50)]);

/** Centres that make trouble: both poles, beside them, and where right ascension begins again. */
const centres: readonly (readonly [number, number])[] = [
  [123, 90],
  [77, -90],
  [200, 89.97],
  [10, -89.95],
  [0.001, 12],
  [359.999, -40],
  [180, 0],
  ...Array.from({ length: 8 }, () => [between(0, 360), between(-88, 88)] as const),
];

function randomCd(): Wcs['cd'] {
  const angle = between(0, 2 * Math.PI);
  const [sx, sy] = [(uniform() < 0.5 ? -1 : 1) * between(0.1, 0.5), between(0.1, 0.5)];
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [(sx * c) / 3600, (-sy * s) / 3600, (sx * s) / 3600, (sy * c) / 3600];
}

function randomSip(): Wcs['distortion'] {
  const order = 2 + Math.floor(4 * uniform());
  const coefficients = (): number[] =>
    Array.from({ length: (order + 1) ** 2 }, (_, k) => {
      const degree = Math.floor(k / (order + 1)) + (k % (order + 1));
      return degree < 2 || degree > order ? 0 : (5 * normal()) / 4000 ** degree;
    });
  return { kind: 'SIP', order, a: coefficients(), b: coefficients() };
}

function randomTpv(): Wcs['distortion'] {
  const axis = (): number[] => Array.from({ length: 40 }, (_, k) => (k === 1 ? 1 : 0) + 1e-3 * normal());
  return { kind: 'TPV', pv1: axis(), pv2: axis() };
}

function made(name: string, wcs: Wcs): Case {
  const header = Object.fromEntries(wcsToCards(wcs).map(({ keyword, value }) => [keyword, value]));
  return { name, wcs, pixels: pixelsWithin(4096, 4004), source: { header } };
}

function drawnCases(): Case[] {
  const kinds = { TAN: () => undefined, SIP: randomSip, TPV: randomTpv };
  return Object.entries(kinds).flatMap(([kind, distortionOf]) =>
    centres.map((crvalDeg) => {
      const distortion = distortionOf();
      const crpix = [between(-2000, 6000), between(-2000, 6000)] as const;
      const name = `${kind} about ${crvalDeg.map((degrees) => degrees.toFixed(3))}`;
      return made(name, { crvalDeg, crpix, cd: randomCd(), ...(distortion && { distortion }) });
    }),
  );
}

/** The camera's own distortion, whose axis is 30,000 px away from its outermost detectors, as predicted and as bent. */
function cameraCases(): Case[] {
  const camera = findInstrument('LSSTCam');
  if (camera === undefined) return [];
  const bent = {
    centre: [2036, 2000],
    x: bivariate(2, [
      [0, 0, 20],
      [1, 0, 1.0005],
      [0, 1, 0.001],
      [2, 0, 2e-7],
      [1, 1, -2e-7],
    ]),
    y: bivariate(2, [
      [0, 0, -9],
      [1, 0, -0.001],
      [0, 1, 1.0005],
      [0, 2, 2e-7],
      [1, 1, 2e-7],
    ]),
  } as const;
  return [0, 94, 188].flatMap((detector) => {
    const wcs = detectorWcs(camera, detector, { raDeg: 0.4, decDeg: -61, skyAngleDeg: 77 });
    const corrected = correctWcs(wcs, bent);
    const name = `LSSTCam, detector ${detector}`;
    return [made(name, wcs), ...(corrected === undefined ? [] : [made(`${name}, corrected`, corrected)])];
  });
}

/** Real stamps of DECam, as their files have them. */
function decamCases(): Case[] {
  const folder = sharedData('images', 'decam');
  if (folder === undefined) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.fits'))
    .map((name) => {
      const file = join(folder, name);
      // Cut out of larger frames, whose DATASUM they still have.
      const hdus = openFits(readFileSync(file), { verifyChecksums: false });
      const hdu = hdus.findIndex(({ image }) => image !== undefined);
      const { header } = hdus[hdu];
      return { name, wcs: wcsFromHeader(header), pixels: pixelsWithin(256, 256), source: { file, hdu } };
    });
}

describe.skipIf(!astropy)('world coordinates, as astropy has them', () => {
  const cases = [...drawnCases(), ...cameraCases(), ...decamCases()];
  let told: { sky: [number, number][]; pixels: [number, number][] }[] = [];

  const folder = suiteFolder();

  beforeAll(async () => {
    const file = join(folder, 'cases.json');
    writeFileSync(file, JSON.stringify(cases.map(({ source, pixels }) => ({ ...source, pixels }))));
    told = JSON.parse(await python(join(import.meta.dirname, 'wcs-oracle.py'), [file]));
  });

  it.each(cases.map(({ name }, k) => [name, k] as const))('%s', (_, k) => {
    const { wcs, pixels } = cases[k];
    const scale = pixelScaleArcsec(wcs, pixels[0][0], pixels[0][1]);
    let worst = { sky: 0, pixel: 0, round: 0 };
    pixels.forEach(([x, y], point) => {
      const [raDeg, decDeg] = told[k].sky[point];
      const [px, py] = told[k].pixels[point];
      const sky = pixelToSky(wcs, x, y);
      const back = skyToPixel(wcs, raDeg, decDeg) ?? { x: Number.NaN, y: Number.NaN };
      const again = pixelToSky(wcs, back.x, back.y);
      worst = {
        sky: Math.max(worst.sky, separationArcsec(sky.raDeg, sky.decDeg, raDeg, decDeg)),
        pixel: Math.max(worst.pixel, Math.hypot(back.x - px, back.y - py) * scale),
        round: Math.max(worst.round, separationArcsec(again.raDeg, again.decDeg, raDeg, decDeg)),
      };
    });
    expect(worst.sky).toBeLessThan(ARCSEC);
    expect(worst.pixel).toBeLessThan(ARCSEC);
    // 1e-8 degree there and back.
    expect(worst.round).toBeLessThan(3.6e-5);
  });
});

describe('headers of real raws', () => {
  const folder = sharedData('headers');
  it.skipIf(folder === undefined).each(folder === undefined ? [] : readdirSync(folder))(
    '%s has no world coordinates of the sky, and says so',
    (name) => {
      const cards: Record<string, Header[number]['value']> = JSON.parse(
        readFileSync(join(folder ?? '', name), 'utf8'),
      );
      const header = Object.entries(cards).map(([keyword, value]) => ({ keyword, value }));
      expect(() => wcsFromHeader(header)).toThrow(/^CTYPE1 is missing|^CTYPE1 is null/);
    },
  );
});
