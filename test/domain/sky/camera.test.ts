import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { findInstrument, instruments } from '#shared/domain/ids/instruments.ts';
import { type Boresight, detectorPolygon, detectorWcs } from '#shared/domain/sky/camera.ts';
import { angleArcsec, toRaDec, toVector, type Vector } from '#shared/domain/sky/vector.ts';
import { pixelScaleArcsec, pixelToSky, skyToPixel } from '#shared/domain/sky/wcs.ts';

interface Case {
  boresight: Boresight;
  detector: number;
  paddingPx: number;
  corners: [number, number, number][];
  pixels: [x: number, y: number, ...direction: [number, number, number]][];
}
const cases: Case[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/sky/camera.json'), 'utf8'),
);
const LSSTCam = findInstrument('LSSTCam')!;
const SimCam = findInstrument('SimCam')!;

describe.each(cases)(
  'LSSTCam detector $detector at $boresight',
  ({ boresight, detector, paddingPx, corners, pixels }) => {
    it('has the region of the original', () => {
      const polygon = detectorPolygon(LSSTCam, detector, boresight, paddingPx);
      for (const [i, corner] of corners.entries()) {
        for (const axis of [0, 1, 2]) expect(Math.abs(polygon[i][axis] - corner[axis])).toBeLessThan(1e-15);
      }
    });

    it('has world coordinates within 1e-6 pixel of the geometry', () => {
      const wcs = detectorWcs(LSSTCam, detector, boresight);
      for (const [x, y, ...direction] of pixels) {
        const sky = pixelToSky(wcs, x, y);
        expect(angleArcsec(toVector(sky.raDeg, sky.decDeg), direction)).toBeLessThan(2e-7);
        const { raDeg, decDeg } = toRaDec(direction);
        const back = skyToPixel(wcs, raDeg, decDeg)!;
        expect(Math.hypot(back.x - x, back.y - y)).toBeLessThan(1e-6);
      }
    });
  },
);

const boresight = { raDeg: 10, decDeg: -30, skyAngleDeg: 0 };

test("the simulator's camera has pixels of 0.2 arcsec and gaps of 36 pixels", () => {
  const [left, right] = [3, 4].map((number) => detectorWcs(SimCam, number, boresight));
  expect(pixelScaleArcsec(right, 511.5, 511.5)).toBeCloseTo(0.2, 8);
  expect(right.distortion).toBeUndefined();
  const edge = pixelToSky(right, 0, 511.5);
  expect(skyToPixel(left, edge.raDeg, edge.decDeg)!.x - 1023).toBeCloseTo(37, 6);
});

test('the sky angle turns the focal plane about the boresight', () => {
  const centre = (skyAngleDeg: number) =>
    pixelToSky(detectorWcs(SimCam, 5, { ...boresight, skyAngleDeg }), 511.5, 511.5);
  // Detector 5 (S12) lies to +x. At angle 0 that is west, at 90 degrees north.
  expect(centre(0).raDeg).toBeLessThan(10);
  expect(centre(90).decDeg).toBeCloseTo(-30 + (10.6 * 20) / 3600, 6);
});

test('every detector of every camera has a polygon that turns counter-clockwise', () => {
  for (const instrument of instruments) {
    for (const { number } of instrument.detectors) {
      const [a, b, c]: readonly Vector[] = detectorPolygon(instrument, number, boresight, 0);
      const area =
        a[0] * (b[1] * c[2] - b[2] * c[1]) +
        a[1] * (b[2] * c[0] - b[0] * c[2]) +
        a[2] * (b[0] * c[1] - b[1] * c[0]);
      expect(area).toBeGreaterThan(0);
    }
  }
});

test('refuses a detector that is not there and a distortion that SIP cannot hold', () => {
  expect(() => detectorWcs(SimCam, 9, boresight)).toThrow('SimCam has no detector 9');
  expect(() => detectorWcs({ ...SimCam, radialCoefficients: [0, 1, 1e-9] }, 0, boresight)).toThrow(
    /even power/,
  );
  expect(() => detectorWcs({ ...SimCam, radialCoefficients: [1, 1] }, 0, boresight)).toThrow(/axis/);
});
