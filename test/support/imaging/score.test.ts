import { describe, expect, it } from 'vitest';
import { random } from '../scene.ts';
import { bars } from './bars.ts';
import { centroidSigma, fluxSigma } from './expected-errors.ts';
import { pooledFigures } from './figures.ts';
import { noiseArea } from './moffat-stamp.ts';
import { EMPTY_VARIANCE, type SceneRecipe, sciencePsf } from './recipe.ts';
import { makeScene, type Scene } from './scene.ts';
import { type Detection, scoreDetections } from './score.ts';
import { scoreSnrMap } from './snr-map.ts';
import { scatterOf, wilson } from './statistics.ts';

const recipe: SceneRecipe = { kind: 'base', seed: 3, width: 1018, height: 1000 };
const scene = makeScene(recipe);
const nothing = { flux: null, fluxErr: null, isDipole: false, trailLength: null, trailAngle: null };

/** Detections as good as they can be: every source where the noise allows, every trail one. */
function ideal({ truth }: Scene): Detection[] {
  const draw = random(99);
  const points = [
    ...truth.transients.map((point) => ({ ...point, sign: 1 })),
    ...truth.faders.map((point) => ({ ...point, sign: -1 })),
  ].map(({ x, y, flux, snr, variance, sign }) => {
    const psf = sciencePsf(recipe, x, y);
    const error = fluxSigma(psf, flux, variance);
    const centroid = centroidSigma(psf, flux, variance);
    return {
      ...nothing,
      x: x + centroid.x * draw.normal(),
      y: y + centroid.y * draw.normal(),
      snr: sign * snr,
      flux: sign * (flux + error * draw.normal()),
      fluxErr: error,
    };
  });
  // East is to the left and north up, so that an angle from +x to +y is a position angle of its own less 90 degrees.
  const trails = truth.trails.map(({ x, y, length, angleRad, flux }) => ({
    ...{ ...nothing, x, y, snr: 8, flux, trailLength: length },
    trailAngle: ((angleRad * 180) / Math.PI + 90) % 180,
  }));
  const movers = truth.movers.map(({ x, y }) => ({ ...nothing, x, y, snr: 9, isDipole: true }));
  return [...points, ...trails, ...movers];
}

const snrMap = { sigma: 1, beyond3: 0.0027, pixels: 1e6 };
const figuresOf = (detections: readonly Detection[]) =>
  pooledFigures([{ score: scoreDetections(scene, detections), snrMap, scoreSigma: 1 }], bars.base);
const missedOf = (detections: readonly Detection[]): string[] =>
  figuresOf(detections).flatMap(({ name, isMissed }) => (isMissed ? [name] : []));

describe('the scorer', () => {
  it('finds nothing wrong with a chain that finds everything', () => {
    const score = scoreDetections(scene, ideal(scene));
    expect(score.points.filter(({ snr, found }) => snr > 7 && found === undefined)).toEqual([]);
    expect(score.falses.filter(({ near }) => near?.kind !== 'transient' && near?.kind !== 'fader')).toEqual(
      [],
    );
    expect(score.trails.map(({ joined }) => joined)).toSatisfy((all: { angleErrorDeg: number }[]) =>
      all.every(({ angleErrorDeg }) => Math.abs(angleErrorDeg) < 0.1),
    );
    const pooled = figuresOf(ideal(scene));
    expect(
      pooled.filter(({ isMissed, name }) => isMissed && !/flux bias|pulls|shift|centroid/.test(name)),
    ).toEqual([]);
  });

  it('misses completeness when a third of the sources of SNR 8 or more is lost', () => {
    const kept = ideal(scene).filter(({ snr }, i) => Math.abs(snr) < 8 || i % 3 !== 0);
    // A small scene has 2 a bin: this pools four.
    const four = Array.from({ length: 8 }, () => ({
      score: scoreDetections(scene, kept),
      snrMap,
      scoreSigma: 1,
    }));
    const missed = pooledFigures(four, bars.base).filter(({ isMissed }) => isMissed);
    expect(missed.some(({ name }) => /completeness, (hostless|hosted), SNR (8|10)/.test(name))).toBe(true);
  });

  it('counts false detections by where they lie, and those of the wrong sign', () => {
    const { truth } = scene;
    const at = (x: number, y: number, snr = 6): Detection => ({ ...nothing, x, y, snr });
    const zoneOf = (detection: Detection) => scoreDetections(scene, [detection]).falses[0]?.zone;
    const inside = ({ x, y }: { x: number; y: number }) => x > 90 && y > 90 && x < 930 && y < 910;
    const glare = truth.stars.filter(({ flux }) => flux > 2e6);
    const clear = ({ x, y }: { x: number; y: number }) =>
      glare.every((s) => Math.hypot(s.x - x, s.y - y) > 80);
    const changing = [...truth.variables, ...truth.movers];
    const still = truth.stars.filter((star) =>
      changing.every((other) => Math.hypot(other.x - star.x, other.y - star.y) > 30),
    );
    const bright = still.find((star) => star.flux > 5e5 && inside(star) && clear(star));
    const medium = still.find((star) => star.flux > 5e4 && star.flux < 5e5 && inside(star) && clear(star));
    const variable = truth.variables.find((star) => inside(star) && clear(star));
    const transient = truth.transients.find(clear);
    const [trail] = truth.trails;
    if (!bright || !medium || !variable || !transient) throw new Error('The scene lacks a kind of star.');
    expect(zoneOf(at(bright.x + 15, bright.y))).toBe('near-bright');
    expect(zoneOf(at(medium.x + 8, medium.y))).toBe('near-bright');
    expect(zoneOf(at(variable.x + 4, variable.y))).toBeUndefined();
    expect(zoneOf(at(trail.x + 3, trail.y))).toBeUndefined();
    expect(zoneOf(at(10, 500))).toBeUndefined();
    expect(zoneOf(at(transient.x + 2.9, transient.y))).toBeUndefined();
    expect(zoneOf(at(transient.x + 2.9, transient.y, -6))).toBe('field');
    expect(zoneOf(at(transient.x + 3.1, transient.y))).toBe('field');
    if (glare[0] && inside(glare[0])) expect(zoneOf(at(glare[0].x + 50, glare[0].y))).toBe('saturated');
  });

  it('lets an identical pair have no detection at all, not even at the edge', () => {
    const score = scoreDetections(makeScene({ kind: 'identical', seed: 1, width: 256, height: 256 }), [
      { ...nothing, x: 3, y: 100, snr: 6 },
    ]);
    const missed = pooledFigures([{ score, snrMap, scoreSigma: 1 }], bars.identical).filter(
      ({ isMissed }) => isMissed,
    );
    expect(missed.map(({ name }) => name)).toEqual(['detections']);
  });

  it('judges false detections by the detector, so that one on a sixteenth of it is sixteen', () => {
    const rate = figuresOf([{ ...nothing, x: 500, y: 500, snr: 5.2 }]).find(({ name }) =>
      name.startsWith('field false'),
    );
    expect(rate?.value).toBeCloseTo(16, 5);
    expect(rate?.isMissed).toBe(true);
    expect(missedOf([])).toContain('trails touched');
  });
});

describe('the errors that pixels allow', () => {
  it('are the bound of the reference for S/N 10 at the centre of a base scene', () => {
    const psf = sciencePsf({ ...recipe, width: 4072, height: 4000 }, 2036, 2000);
    const flux = 10 * Math.sqrt(noiseArea(psf) * EMPTY_VARIANCE);
    expect(centroidSigma(psf, flux, EMPTY_VARIANCE).x).toBeCloseTo(0.273, 2);
    // 1/10, with the photons of the source: the reference's prototype measured 0.104.
    expect(fluxSigma(psf, flux, EMPTY_VARIANCE) / flux).toBeCloseTo(0.103, 3);
  });
});

describe('statistics', () => {
  it('have the intervals of statsmodels, and of a scatter without its outliers', () => {
    const { low, high } = wilson(45, 50);
    expect([low, high].map((value) => value.toFixed(4))).toEqual(['0.7864', '0.9565']);
    expect(wilson(10, 10).high).toBe(1);
    const draw = random(4);
    const values = Array.from({ length: 4000 }, (_, i) => (i % 400 === 0 ? 50 : 2 * draw.normal()));
    expect(scatterOf(values).sigma).toBeCloseTo(2, 1);
  });

  it('take the noise of a map where nothing is', () => {
    const draw = random(8);
    const map = scene.science.pixels.map(() => 1.1 * draw.normal());
    for (const { x, y } of scene.truth.transients) map[Math.round(y) * recipe.width + Math.round(x)] = 50;
    const { sigma, beyond3, pixels } = scoreSnrMap(scene, map, () => true);
    expect(sigma).toBeCloseTo(1.1, 2);
    expect(beyond3).toBeCloseTo(0.0064, 3);
    expect(pixels).toBeGreaterThan(0.5 * map.length);
  });
});
