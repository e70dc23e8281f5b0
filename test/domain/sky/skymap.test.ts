import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findInstrument } from '#shared/domain/ids/instruments.ts';
import { detectorPolygon } from '#shared/domain/sky/camera.ts';
import { patchAt, patchesOverlapping, patchOf } from '#shared/domain/sky/skymap.ts';
import { normalize, separationArcsec, toRaDec, type Vector } from '#shared/domain/sky/vector.ts';
import { pixelScaleArcsec, pixelToSky, skyToPixel } from '#shared/domain/sky/wcs.ts';

/** Uniform on the sphere, with the poles themselves. */
const position = fc
  .record({
    raDeg: fc.double({ min: 0, max: 360, noNaN: true }),
    sinDec: fc.oneof(
      { weight: 9, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
      fc.constantFrom(-1, 1),
    ),
  })
  .map(({ raDeg, sinDec }) => ({ raDeg, decDeg: (Math.asin(sinDec) * 180) / Math.PI }));

test('every position is in the square of its patch, 50 pixels and more from the border', () => {
  fc.assert(
    fc.property(position, ({ raDeg, decDeg }) => {
      const { wcs, width, height, tract, patch } = patchAt(raDeg, decDeg);
      const { x, y } = skyToPixel(wcs, raDeg, decDeg)!;
      for (const [pixel, size] of [
        [x, width],
        [y, height],
      ]) {
        expect(pixel).toBeGreaterThanOrEqual(49.5 - 1e-6);
        expect(pixel).toBeLessThanOrEqual(size - 50.5 + 1e-6);
      }
      expect(Math.abs(pixelScaleArcsec(wcs, x, y) / 0.2 - 1)).toBeLessThan(1e-3);
      expect(patchOf(tract, patch)).toEqual({ tract, patch, wcs, width, height });
    }),
    { numRuns: 200 },
  );
});

test('a detector gets every patch that it has a point in, and few more', () => {
  const LSSTCam = findInstrument('LSSTCam')!;
  const weights = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(
      position,
      fc.nat(188),
      fc.array(weights, { minLength: 5, maxLength: 5 }),
      (at, detector, points) => {
        const polygon = detectorPolygon(LSSTCam, detector, { ...at, skyAngleDeg: 30 }, 0);
        const found = patchesOverlapping(polygon);
        const names = new Set(found.map(({ tract, patch }) => `${tract}/${patch}`));
        expect(names.size).toBe(found.length);
        // 4096 pixels touch at most 7 squares in each direction, whatever the angle; two tracts may share a rim.
        expect(found.length).toBeLessThan(80);
        for (const w of points) {
          const inside = normalize(
            polygon.reduce<Vector>(
              (sum, v, i) => [sum[0] + w[i] * v[0], sum[1] + w[i] * v[1], sum[2] + w[i] * v[2]],
              [0, 0, 0],
            ),
          );
          const { raDeg, decDeg } = toRaDec(inside);
          const { tract, patch } = patchAt(raDeg, decDeg);
          expect(names).toContain(`${tract}/${patch}`);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('neighbour patches of a tract share a border of 100 pixels', () => {
  const left = patchOf(9000, 31 * 4 + 4);
  const right = patchOf(9000, 31 * 4 + 5);
  const sky = pixelToSky(left.wcs, 1000, 300);
  const same = pixelToSky(right.wcs, 0, 300);
  expect(separationArcsec(sky.raDeg, sky.decDeg, same.raDeg, same.decDeg)).toBeLessThan(1e-8);
});

test('refuses numbers that are not in the tiling', () => {
  expect(() => patchOf(-1, 0)).toThrow('no tract -1');
  expect(() => patchOf(1e6, 0)).toThrow('no tract 1000000');
  expect(() => patchOf(0, 961)).toThrow('no patch 961');
});
