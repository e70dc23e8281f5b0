import { describe, expect, it } from 'vitest';
import type { Kernel } from '#shared/domain/image/convolve.ts';
import { blankImage, MASK } from '#shared/domain/image/masked-image.ts';
import type { UnjudgedSource } from '#shared/domain/image/measure.ts';
import { skyPlane } from '#shared/domain/image/patch.ts';
import {
  type FeatureName,
  type FeatureScene,
  featureNames,
  reliabilityFeatures,
} from '#shared/domain/image/reliability/features.ts';
import { someSource } from '../../../support/alert-rows.ts';
import { random } from '../../../support/scene.ts';

const SIZE = 61;
const SIGMA = 1.7;

const psf: Kernel = {
  half: 12,
  values: Float64Array.from({ length: 625 }, (_, k) => {
    const r2 = ((k % 25) - 12) ** 2 + (Math.floor(k / 25) - 12) ** 2;
    return Math.exp(-r2 / (2 * SIGMA * SIGMA)) / (2 * Math.PI * SIGMA * SIGMA);
  }),
};

/** Noise of 1 and a point of `flux` in the middle, in a unit of which `unit` is one count. */
function sceneOf(flux: number, unit = 1): FeatureScene {
  const draw = random(8);
  const image = blankImage(SIZE, SIZE);
  const matched = blankImage(SIZE, SIZE);
  const score = new Float32Array(SIZE * SIZE);
  for (let at = 0; at < image.image.length; at++) {
    const [i, j] = [(at % SIZE) - 18, Math.floor(at / SIZE) - 18];
    const p = i >= 0 && j >= 0 && i < 25 && j < 25 ? psf.values[j * 25 + i] : 0;
    image.image[at] = unit * (draw.normal() + flux * p);
    image.variance[at] = unit * unit;
    matched.image[at] = 0.2 * unit * draw.normal();
    score[at] = draw.normal();
  }
  const psfAt = (): Kernel => psf;
  return {
    difference: { image, matched: skyPlane(matched), score, psfAt, fwhm: 2.355 * SIGMA },
    sourceVariance: 0,
  };
}

const sourceOf = (flux: number, unit = 1): UnjudgedSource => ({
  ...someSource({
    x: 30,
    y: 30,
    snr: Math.abs(flux) / 6,
    isNegative: flux < 0,
    psfFlux: flux * unit,
    psfFluxErr: 6 * unit,
    psfChi2: 625,
    psfNdata: 625,
    apFlux: flux * unit,
    scienceFlux: Math.max(0, flux) * unit,
    scienceFluxErr: 6 * unit,
    templateFlux: Math.max(0, -flux) * unit,
    templateFluxErr: 2 * unit,
    isDipole: false,
    dipoleFitAttempted: false,
    centroid_flag: false,
    ixx: 3,
    iyy: 3,
    ixy: 0,
    ixxPSF: 3,
    iyyPSF: 3,
  }),
  bboxSky: [],
  footprintDiagonalArcsec: 1,
  suspectLongTrail: false,
});

const named = (scene: FeatureScene, source: UnjudgedSource): Record<FeatureName, number> => {
  const values = reliabilityFeatures(scene, source);
  return Object.fromEntries(featureNames.map((name, k) => [name, values[k]])) as Record<FeatureName, number>;
};

describe('features of a source', () => {
  const scene = sceneOf(120);
  const point = named(scene, sourceOf(120));

  it('are those of a point where it is one', () => {
    expect(point.logSnr).toBeCloseTo(Math.log10(20), 6);
    expect(Math.abs(point.coreChi2)).toBeLessThan(0.15);
    expect(point.coreMisfit).toBeLessThan(0.1);
    expect(Math.abs(point.sharpness)).toBeLessThan(0.25);
    expect(point).toMatchObject({ size: 0, maskedPixels: 0, dipole: 0, presence: 0 });
    expect(point.oppositeScore).toBeCloseTo(0, 1);
    expect(point.scoreNoise).toBeCloseTo(0, 1);
  });

  it('do not depend on the unit of the image', () => {
    const scaled = reliabilityFeatures(sceneOf(120, 37), sourceOf(120, 37));
    reliabilityFeatures(scene, sourceOf(120)).forEach((value, k) => {
      expect(scaled[k], featureNames[k]).toBeCloseTo(value, 4);
    });
  });

  it('do not depend on its sign', () => {
    const mirrored = sceneOf(120);
    for (const plane of [mirrored.difference.image.image, mirrored.difference.score])
      plane.forEach((value, at) => {
        plane[at] = -value;
      });
    const faded = reliabilityFeatures(mirrored, {
      ...sourceOf(-120),
      scienceFluxErr: 2,
      templateFluxErr: 6,
    });
    reliabilityFeatures(scene, sourceOf(120)).forEach((value, k) => {
      expect(faded[k], featureNames[k]).toBeCloseTo(value, 6);
    });
  });

  it('tell a hot pixel, a hole beside it, noise around it, masks, and a bright star under it', () => {
    const hot = sceneOf(0);
    hot.difference.image.image[30 * SIZE + 30] += 25;
    expect(named(hot, sourceOf(120)).sharpness).toBeGreaterThan(1);
    expect(named(hot, sourceOf(120)).coreMisfit).toBeGreaterThan(0.5);
    const dipole = sceneOf(120);
    dipole.difference.score[30 * SIZE + 34] = -20;
    expect(named(dipole, sourceOf(120)).oppositeScore).toBeCloseTo(17 / 20, 6);
    const noisy = sceneOf(120);
    noisy.difference.score.forEach((value, at, score) => {
      score[at] = 3 * value;
    });
    expect(named(noisy, sourceOf(120)).scoreNoise).toBeCloseTo(Math.log10(3), 1);
    const masked = sceneOf(120);
    masked.difference.image.mask.fill(MASK.INTRP, 0, 30 * SIZE);
    expect(named(masked, sourceOf(120)).maskedPixels).toBeCloseTo(0.5, 1);
    masked.difference.image.mask.fill(MASK.DETECTED);
    expect(named(masked, sourceOf(120)).maskedPixels).toBe(0);
    const bright = sceneOf(120);
    bright.difference.matched.image[30 * SIZE + 30] = 1e4;
    expect(named(bright, { ...sourceOf(120), templateFlux: 6e4 }).contrast).toBeGreaterThan(2);
    expect(named(bright, sourceOf(120)).brighterNearby).toBeGreaterThan(2);
    expect(named(bright, sourceOf(120)).gradient).toBeGreaterThan(1);
  });

  it('are finite at a corner, and where nothing could be measured', () => {
    const unmeasured = {
      ...sourceOf(120),
      ...{ x: -0.4, y: 60.4, snr: null, psfFlux: null, psfFluxErr: null, psfChi2: null, psfNdata: 0 },
      ...{ scienceFlux: null, scienceFluxErr: null, templateFlux: null, templateFluxErr: null, ixx: null },
    };
    expect(reliabilityFeatures(scene, unmeasured).every(Number.isFinite)).toBe(true);
  });
});
