import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ExposureRow } from '#shared/domain/butler/exposure-row.ts';
import { encodeRegion, visitRegions } from '#shared/domain/butler/visit.ts';
import { findInstrument } from '#shared/domain/ids/instruments.ts';

const stored: {
  boresight: Pick<ExposureRow, 'tracking_ra' | 'tracking_dec' | 'sky_angle'>;
  visit: string;
  visit_detector_region: string;
} = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/butler/regions.json'), 'utf8'));

const LSSTCam = findInstrument('LSSTCam')!;
const exposure = (change: Partial<ExposureRow> = {}) =>
  ({ ...stored.boresight, can_see_sky: true, ...change }) as ExposureRow;

/** The corners of a region as Butler stores it. */
function decode(hex: string): number[][] {
  const bytes = Buffer.from(hex, 'hex');
  expect(bytes[0]).toBe(0x70);
  return Array.from({ length: (bytes.length - 1) / 24 }, (_, i) =>
    [0, 8, 16].map((at) => bytes.readDoubleLE(1 + 24 * i + at)),
  );
}

const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, i) => x - b[i]));

describe('the visit of a real exposure', () => {
  const visit = visitRegions(LSSTCam, exposure())!;

  test('has the stored region of detector 94, corner by corner', () => {
    const ours = visit.detectors.find(({ detector }) => detector === 94)!.region;
    const theirs = decode(stored.visit_detector_region);
    expect(ours).toHaveLength(4);
    for (const [i, corner] of ours.entries()) expect(distance(corner, theirs[i])).toBeLessThan(1e-15);
  });

  test('has the stored region of the whole camera: 71 corners in the same order', () => {
    const theirs = decode(stored.visit);
    expect(visit.region).toHaveLength(71);
    const first = theirs.findIndex((corner) => distance(corner, visit.region[0]) < 2e-15);
    for (const [i, corner] of visit.region.entries())
      expect(distance(corner, theirs[(first + i) % 71])).toBeLessThan(2e-15);
  });

  test('touches as many trixels as the original counted, for all 205 detectors', () => {
    expect(visit.trixels).toHaveLength(37);
    expect(visit.detectors).toHaveLength(205);
    expect(visit.detectors.reduce((sum, { trixels }) => sum + trixels.length, 0)).toBe(436);
  });

  test('is encoded as sphgeom does', () => {
    const bytes = encodeRegion(visit.detectors[94].region);
    expect(bytes).toHaveLength(97);
    const corners = decode(bytes.toString('hex'));
    expect(corners).toEqual(visit.detectors[94].region.map((corner) => [...corner]));
  });
});

// Exposures of prompt_processing's own repository: an acquisition has a visit, a dark has none.
test.each([
  [
    'an acquisition on the sky',
    { tracking_ra: 150, tracking_dec: -30, sky_angle: 316.375, can_see_sky: true },
    true,
  ],
  ['a dark, whose angle is unknown', { sky_angle: null }, false],
  ['one that did not track', { tracking_ra: null }, false],
  ['one behind a closed dome', { can_see_sky: false }, false],
  ['one that may or may not see the sky', { can_see_sky: null }, true],
])('%s', (_, change, defined) => {
  expect(visitRegions(LSSTCam, exposure(change)) !== undefined).toBe(defined);
});

test('LATISS has a visit with one detector', () => {
  expect(visitRegions(findInstrument('LATISS')!, exposure())!.detectors).toHaveLength(1);
});
