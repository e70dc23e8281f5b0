import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bivariate } from '#shared/domain/sky/bivariate.ts';
import { correctWcs } from '#shared/domain/sky/correct-wcs.ts';
import { separationArcsec } from '#shared/domain/sky/vector.ts';
import { pixelToSky, type Wcs, wcsFromHeader } from '#shared/domain/sky/wcs.ts';

const cases: Record<string, { header: Record<string, string | number> }> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/sky/wcs.json'), 'utf8'),
);
const wcsOf = (name: string): Wcs =>
  wcsFromHeader(Object.entries(cases[name].header).map(([keyword, value]) => ({ keyword, value })));

/** An optical distortion of 1e-12 r³ about an axis 30,000 px off the detector, as a camera's outermost has. */
const camera: Wcs = {
  crvalDeg: [150, 2],
  crpix: [-22_000, 18_000],
  cd: [-5.5e-5, 1e-6, 1e-6, 5.5e-5],
  distortion: {
    kind: 'SIP',
    order: 3,
    a: bivariate(3, [
      [3, 0, 1e-12],
      [1, 2, 1e-12],
    ]).coefficients,
    b: bivariate(3, [
      [0, 3, 1e-12],
      [2, 1, 1e-12],
    ]).coefficients,
  },
};

const centre = [2000, 2000] as const;
const small = (size: number) => fc.double({ min: -size, max: size, noNaN: true });

it.each([
  ['TAN', wcsOf('TAN'), 1e-7],
  ['SIP', wcsOf('SIP of orders 4 and 3'), 1e-7],
  ['SIP about a far axis', camera, 1e-7],
  ['TPV', wcsOf('DECam, TPV'), 1e-7],
])('a linear correction of %s is exact', (_, wcs, arcsec) => {
  const terms = fc.tuple(small(50), small(50), small(0.005), small(0.005), small(0.005), small(0.005));
  fc.assert(
    fc.property(terms, fc.tuple(small(2000), small(2000)), ([dx, dy, a, b, c, d], [u, v]) => {
      const x = bivariate(1, [
        [0, 0, dx],
        [1, 0, 1 + a],
        [0, 1, b],
      ]);
      const y = bivariate(1, [
        [0, 0, dy],
        [1, 0, c],
        [0, 1, 1 + d],
      ]);
      const corrected = correctWcs(wcs, { centre, x, y })!;
      const seen = pixelToSky(corrected, centre[0] + u, centre[1] + v);
      const meant = pixelToSky(
        wcs,
        centre[0] + dx + (1 + a) * u + b * v,
        centre[1] + dy + c * u + (1 + d) * v,
      );
      expect(separationArcsec(seen.raDeg, seen.decDeg, meant.raDeg, meant.decDeg)).toBeLessThan(arcsec);
    }),
    { numRuns: 60 },
  );
});

it.each([
  ['TAN', wcsOf('TAN'), 1e-7],
  ['SIP about a far axis', camera, 1e-5],
])('a correction of second order of %s is right within %s', (_, wcs, arcsec) => {
  const terms = fc.tuple(small(3e-7), small(3e-7), small(3e-7), small(3e-7));
  fc.assert(
    fc.property(terms, fc.tuple(small(2000), small(2000)), ([a, b, c, d], [u, v]) => {
      const x = bivariate(2, [
        [0, 0, 20],
        [1, 0, 1.001],
        [0, 1, 0.002],
        [2, 0, a],
        [1, 1, b],
      ]);
      const y = bivariate(2, [
        [0, 0, -9],
        [1, 0, -0.002],
        [0, 1, 1.001],
        [0, 2, c],
        [1, 1, d],
      ]);
      const corrected = correctWcs(wcs, { centre, x, y })!;
      const seen = pixelToSky(corrected, centre[0] + u, centre[1] + v);
      const meant = pixelToSky(
        wcs,
        centre[0] + 20 + 1.001 * u + 0.002 * v + a * u * u + b * u * v,
        centre[1] - 9 - 0.002 * u + 1.001 * v + c * v * v + d * u * v,
      );
      expect(separationArcsec(seen.raDeg, seen.decDeg, meant.raDeg, meant.decDeg)).toBeLessThan(arcsec);
    }),
    { numRuns: 60 },
  );
});

it('keeps a plain TAN plain', () => {
  const x = bivariate(1, [[1, 0, 1]]);
  const y = bivariate(1, [[0, 1, 1]]);
  expect(correctWcs(wcsOf('TAN'), { centre, x, y })?.distortion).toBeUndefined();
});

it('refuses a correction that has no inverse', () => {
  const x = bivariate(1, [[1, 0, 1]]);
  expect(correctWcs(wcsOf('TAN'), { centre, x, y: x })).toBeUndefined();
});
