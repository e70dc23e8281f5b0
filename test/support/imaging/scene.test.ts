import { describe, expect, it } from 'vitest';
import { median, robustSigma } from '#shared/domain/image/statistics.ts';
import { pixelToSky, skyToPixel } from '#shared/domain/sky/wcs.ts';
import { noiseArea, paintPoint } from './moffat-stamp.ts';
import { EMPTY_VARIANCE, type SceneRecipe, sciencePsf, templatePsf } from './recipe.ts';
import { makeScene, toNative } from './scene.ts';
import { paintTrail, trailNoiseArea } from './trail-points.ts';

const small: SceneRecipe = { kind: 'base', seed: 5, width: 420, height: 400 };
const sum = (pixels: Float32Array): number => pixels.reduce((total, value) => total + value, 0);

describe('the PSF of a scene', () => {
  const { kind, seed } = small;
  const detector: SceneRecipe = { kind, seed, width: 4072, height: 4000 };

  it('has the flux that it is painted with, and the noise area of the recipe at the centre', () => {
    for (const psf of [sciencePsf(detector, 3900, 60), templatePsf(detector, 3900, 60)]) {
      const plane = { width: 301, height: 301, pixels: new Float32Array(301 * 301) };
      paintPoint(plane, psf, 150.3, 149.6, 1e6);
      expect(sum(plane.pixels) / 1e6).toBeCloseTo(1, 3);
    }
    const area = noiseArea(sciencePsf(detector, 2036, 2000));
    expect(area).toBeCloseTo(60.5, 0);
    expect(5 * Math.sqrt(area * EMPTY_VARIANCE)).toBeCloseTo(1179, -1);
  });

  it('makes a trail of the flux told, over an area that grows with the length', () => {
    const psf = sciencePsf(detector, 2036, 2000);
    const trail = { x: 60, y: 60, length: 40, angleRad: 0.7 };
    const plane = { width: 120, height: 120, pixels: new Float32Array(120 * 120) };
    paintTrail(plane, psf, trail, 1e6);
    expect(sum(plane.pixels) / 1e6).toBeCloseTo(1, 2);
    expect(trailNoiseArea(psf, { ...trail, length: 0.25 })).toBeCloseTo(noiseArea(psf), 0);
    // A long one grows by its length times the noise width across it, that of a Moffat of slope 2.5: 8.1 px.
    const growth = trailNoiseArea(psf, { ...trail, length: 60 }) - trailNoiseArea(psf, trail);
    expect(growth / 20).toBeCloseTo(8.1, 0);
  });
});

describe('a scene', () => {
  const scene = makeScene(small);

  it('is the same again from its seed, and another from another', () => {
    const again = makeScene(small);
    expect(again.native.pixels).toEqual(scene.native.pixels);
    expect(again.truth).toEqual(scene.truth);
    expect(makeScene({ ...small, seed: 6 }).science.pixels).not.toEqual(scene.science.pixels);
  });

  it('has the noise that the recipe tells, a tenth of the variance in the template', () => {
    const { pixels } = scene.science;
    const { pixels: template } = scene.template;
    // Neighbours' differences are free of sources but for the few pixels beside them.
    const noise = (plane: Float32Array): number =>
      robustSigma(plane.subarray(1).map((value, i) => (value - plane[i]) / Math.SQRT2));
    expect(noise(pixels) / Math.sqrt(median(pixels) + 36)).toBeCloseTo(1, 1);
    expect(noise(template) / Math.sqrt((median(template) + 36) / 10)).toBeCloseTo(1, 1);
    expect(noise(scene.native.pixels)).toBeCloseTo(noise(template), 0);
  });

  it('has its sources where their coordinates say, on the native template too', () => {
    for (const at of [
      { x: 10, y: 20 },
      { x: 300, y: 111 },
    ]) {
      const { raDeg, decDeg } = pixelToSky(scene.science.wcs, at.x, at.y);
      const found = skyToPixel(scene.native.wcs, raDeg, decDeg);
      const expected = toNative(small, at);
      expect(found?.x).toBeCloseTo(expected.x, 6);
      expect(found?.y).toBeCloseTo(expected.y, 6);
    }
  });

  it('shows its transients on the science image alone', () => {
    const without = makeScene({ ...small, kind: 'static' });
    const change = scene.science.pixels.map((value, i) => value - without.science.pixels[i]);
    const bright = scene.truth.transients.filter(({ snr }) => snr >= 5);
    expect(bright.length).toBeGreaterThan(1);
    for (const { x, y, flux } of bright) {
      let found = 0;
      for (let j = -6; j <= 6; j++) {
        for (let i = -6; i <= 6; i++) found += change[(Math.round(y) + j) * 420 + Math.round(x) + i];
      }
      // 13 px hold 93 % of this PSF; the noise is the same but for the photons of the source.
      expect(found / flux).toBeGreaterThan(0.85);
      expect(found / flux).toBeLessThan(1.02);
    }
    expect(without.truth.transients).toEqual([]);
    expect(without.truth.stars).toEqual(scene.truth.stars);
  });

  it('counts the sky under a transient as the recipe does, and its host on top', () => {
    const { transients } = makeScene({ kind: 'base', seed: 1, width: 1018, height: 1000 }).truth;
    const of = (hosted: boolean) =>
      median(transients.filter((t) => t.hosted === hosted).map((t) => t.variance));
    expect(of(false) / EMPTY_VARIANCE).toBeCloseTo(1, 1);
    expect(of(true)).toBeGreaterThan(of(false) + 5);
  });

  it('is its own template where the pair is identical', () => {
    const same = makeScene({ ...small, kind: 'identical' });
    expect(same.native.pixels).toBe(same.science.pixels);
    expect(same.native.wcs).toEqual(same.science.wcs);
  });
});
