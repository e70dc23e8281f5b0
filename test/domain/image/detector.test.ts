import { beforeAll, describe, expect, it } from 'vitest';
import { hduNamed, readFits } from '#shared/domain/fits/read.ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { type DetectorResult, processDetector } from '#shared/domain/image/detector.ts';
import { forcedPhotometry } from '#shared/domain/image/forced.ts';
import { robustSigma } from '#shared/domain/image/statistics.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { pixelToSky, skyToPixel } from '#shared/domain/sky/wcs.ts';
import { makeScene, rawOf, type Scene, type SceneRecipe, templateOf } from '../../support/scene.ts';

const workspace = createWorkspace();

const base: SceneRecipe = {
  seed: 6,
  size: 512,
  stars: 60,
  galaxies: 70,
  transients: 16,
  faders: 4,
  cosmicRays: 3,
  brightest: 6e5,
  wcsOffset: [17, -11],
  wcsTurnDeg: 0.05,
};

function process(scene: Scene): DetectorResult {
  return processDetector(workspace, {
    raw: rawOf(scene),
    templates: [{ bytes: templateOf(scene) }],
    references: scene.references,
    predictedWcs: scene.predictedWcs,
    config: defaultImageConfig,
  });
}

function measured(scene: Scene) {
  const result = process(scene);
  if (result.outcome !== 'measured') throw new Error(`refused: ${result.reason}`);
  return result;
}

const inside = (scene: Scene, { x, y }: { x: number; y: number }): boolean =>
  x > 20 && y > 20 && x < scene.width - 20 && y < scene.height - 20;

describe('a detector from raw to sources', () => {
  let scene: Scene;
  let result: ReturnType<typeof measured>;
  beforeAll(() => {
    scene = makeScene(base);
    result = measured(scene);
  });

  const found = () =>
    scene.transients.map((truth) => ({
      truth,
      source: result.sources.find(
        ({ x, y, isNegative }) => Math.hypot(x - truth.x, y - truth.y) < 3 && isNegative === truth.flux < 0,
      ),
    }));

  it('recovers every transient of S/N 10 to 30, both signs, half of them in galaxies', () => {
    expect(found().filter(({ source }) => source === undefined)).toEqual([]);
  });

  it('finds next to nothing else (noise alone exceeds 5 sigma on one frame of this size in thirty)', () => {
    const known = new Set(found().map(({ source }) => source));
    const others = result.sources.filter((source) => !known.has(source) && inside(scene, source));
    expect(others.length).toBeLessThanOrEqual(1);
  });

  it('measures their flux in nJy, their error and their position', () => {
    const pairs = found().flatMap(({ truth, source }) => (source ? [{ truth, source }] : []));
    const ratios = pairs.map(({ truth, source }) => (source.psfFlux ?? 0) / truth.flux).sort((a, b) => a - b);
    expect(Math.abs(ratios[ratios.length >> 1] - 1)).toBeLessThan(0.03);
    const pulls = pairs.map(
      ({ truth, source }) => ((source.psfFlux ?? 0) - truth.flux) / (source.psfFluxErr ?? 0),
    );
    expect(Math.max(...pulls.map(Math.abs))).toBeLessThan(4);
    for (const { truth, source } of pairs) {
      const at = skyToPixel(scene.wcs, source.ra, source.dec);
      expect(Math.hypot((at?.x ?? 0) - truth.x, (at?.y ?? 0) - truth.y)).toBeLessThan(1);
    }
    const dx = pairs.map(
      ({ truth, source }) => (skyToPixel(scene.wcs, source.ra, source.dec)?.x ?? 0) - truth.x,
    );
    expect(Math.abs(dx.reduce((sum, value) => sum + value, 0) / dx.length) * 0.2).toBeLessThan(0.05);
  });

  it('says what it measured on the way', () => {
    const { quality } = result;
    expect(quality.signatureRemoved).toBe(true);
    expect(quality.varianceFrom).toBe('photon statistics');
    expect(quality.skyElectrons).toBeCloseTo(803, -1);
    expect(quality.astrometricRmsArcsec).toBeLessThan(0.03);
    expect(quality.njyPerElectron).toBeGreaterThan(2.4);
    expect(quality.njyPerElectron).toBeLessThan(2.65);
    expect(quality.scoreSigma).toBeGreaterThan(0.95);
    expect(quality.scoreSigma).toBeLessThan(1.07);
  });

  it('orders sources by row and column and gives each its stamps', () => {
    const order = result.sources.map(({ y }) => y);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    for (const { stamps } of result.sources) {
      const hdus = readFits(stamps.difference);
      expect(hdus[0].image?.width).toBeGreaterThanOrEqual(30);
      expect(hduNamed(hdus, 'UNCERT')?.image?.width).toBe(hdus[0].image?.width);
      expect(hduNamed(hdus, 'PSFIMAGE')?.image?.pixels).toBeInstanceOf(Float64Array);
    }
  });

  it('shows the difference up to the edge of the sensor', () => {
    const image = hduNamed(readFits(result.products.difference), 'IMAGE')?.image;
    const rmsOfRow = (y: number): number => {
      const row = [...(image?.pixels ?? []).slice(y * scene.width, (y + 1) * scene.width)].map(Number);
      return robustSigma(row);
    };
    for (const y of [0, 5, 11, 13]) {
      expect(rmsOfRow(y) / rmsOfRow(30)).toBeGreaterThan(0.8);
      expect(rmsOfRow(y) / rmsOfRow(30)).toBeLessThan(1.25);
    }
  });

  it('writes products on which forced photometry repeats the fluxes', () => {
    const [source] = result.sources.filter(({ isNegative, snr }) => !isNegative && (snr ?? 0) > 15);
    const [at, off] = forcedPhotometry(result.products, [
      { raDeg: source.ra, decDeg: source.dec },
      { raDeg: pixelToSky(scene.wcs, -30, 50).raDeg, decDeg: pixelToSky(scene.wcs, -30, 50).decDeg },
    ]);
    expect(off).toBeUndefined();
    expect((at?.psfFlux ?? 0) / (source.psfFlux ?? 1)).toBeCloseTo(1, 2);
    expect((at?.psfFluxErr ?? 0) / (source.psfFluxErr ?? 1)).toBeCloseTo(1, 1);
    expect((at?.scienceFlux ?? 0) / (source.scienceFlux ?? 1)).toBeCloseTo(1, 1);
  });
});

describe('what a detector is refused for', () => {
  const scene = makeScene({ ...base, size: 256, stars: 40, galaxies: 10, transients: 0, faders: 0 });
  const input = {
    raw: rawOf(scene),
    templates: [{ bytes: templateOf(scene) }],
    references: scene.references,
    predictedWcs: scene.predictedWcs,
    config: defaultImageConfig,
  };
  const reason = (change: Partial<typeof input>): string => {
    const result = processDetector(workspace, { ...input, ...change });
    return result.outcome === 'refused' ? result.reason : 'measured';
  };

  it('too few reference stars', () => {
    expect(reason({ references: scene.references.slice(0, 2) })).toMatch(/fewer than 3 of 2 reference stars/);
  });

  it('no template, or one beside the detector', () => {
    expect(reason({ templates: [] })).toMatch(/templates cover 0.0 % of the detector, less than 10 %/);
    const far = { ...scene, wcs: { ...scene.wcs, crvalDeg: [151, 2.2] as [number, number] } };
    expect(reason({ templates: [{ bytes: templateOf(far) }] })).toMatch(/templates cover 0.0 %/);
  });

  it('a template of another field', () => {
    const other = makeScene({
      ...base,
      seed: 99,
      size: 256,
      stars: 40,
      galaxies: 10,
      transients: 0,
      faders: 0,
    });
    expect(reason({ templates: [{ bytes: templateOf(other) }] })).toMatch(
      /fewer than 3 usable stars|none of the stars/,
    );
  });

  it('nothing, when all is there: a small frame with few stars', () => {
    expect(reason({})).toBe('measured');
  });
});

describe('scenes that once went wrong', () => {
  it('a bright star a little below saturation leaves no spray of detections', () => {
    const scene = makeScene({ ...base, seed: 31, brightest: 1.5e6, transients: 4, faders: 0, stars: 90 });
    const { sources } = measured(scene);
    const strange = sources.filter((source) => {
      const near = (list: readonly { x: number; y: number }[], reach: number): boolean =>
        list.some(({ x, y }) => Math.hypot(source.x - x, source.y - y) < reach);
      return (
        inside(scene, source) && !near(scene.transients, 3) && !near([...scene.stars, ...scene.galaxies], 7.5)
      );
    });
    expect(strange.length).toBeLessThanOrEqual(1);
  });

  it('a satellite that no catalogue has becomes one source with a trail as long as its track', () => {
    const scene = makeScene({ ...base, seed: 12, streaks: [4], transients: 4, faders: 0 });
    const { sources } = measured(scene);
    const trails = sources.filter(({ trailLength }) => (trailLength ?? 0) > 12.5);
    expect(trails).toHaveLength(1);
    expect(trails[0].trailLength).toBeGreaterThan(60);
    expect(trails[0].pixelFlags_streak).toBe(true);
  });

  it('an image sharper than its template is convolved itself', () => {
    const scene = makeScene({ ...base, seed: 8, scienceFwhm: 2.8, templateFwhm: 4 });
    const { quality, sources } = measured(scene);
    expect(quality.convolved).toBe('science');
    const missing = scene.transients.filter(
      ({ x, y }) => !sources.some((s) => Math.hypot(s.x - x, s.y - y) < 3),
    );
    expect(missing).toEqual([]);
  });

  it('a template that only noise tells from the image gives nothing', () => {
    const scene = makeScene({ ...base, seed: 77, transients: 0, faders: 0, cosmicRays: 0 });
    const { sources } = measured(scene);
    expect(sources.filter((source) => inside(scene, source)).length).toBeLessThanOrEqual(1);
  });
});
