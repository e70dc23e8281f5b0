import { describe, expect, it } from 'vitest';
import { type FluxPair, solveZeroPoint } from '#shared/domain/image/zero-point.ts';
import { random } from '../../support/scene.ts';

const TRUTH = 2.5;

interface Sky {
  readonly count: number;
  /** Electrons of the faintest star. */
  readonly faintest: number;
  /** Parts that vary by up to 50 %, and that have a neighbour of up to half their light. */
  readonly variable?: number;
  readonly blended?: number;
}

/** Stars of a detector, of which only those that come out above S/N 10 are measured, as detection has it. */
function measured(seed: number, { count, faintest, variable = 0, blended = 0 }: Sky): FluxPair[] {
  const { uniform, normal } = random(seed);
  const pairs: FluxPair[] = [];
  while (pairs.length < count) {
    const electrons = Math.min(2e6, faintest * (1 - uniform()) ** (-1 / 0.6));
    const fluxErr = Math.hypot(230, Math.sqrt(1.1 * electrons), 0.005 * electrons);
    const changed = uniform() < variable ? 0.5 + uniform() : 1;
    const light = uniform() < blended ? 1 + 0.5 * uniform() : 1;
    const flux = electrons * changed * light + fluxErr * normal();
    const referenceFluxErr = TRUTH * Math.hypot(40, 0.004 * electrons);
    const referenceFlux = TRUTH * electrons + referenceFluxErr * normal();
    if (flux > 10 * 230) pairs.push({ flux, fluxErr, referenceFlux, referenceFluxErr });
  }
  return pairs;
}

/** Mean relative error of the zero point over 40 exposures, and the solutions. */
function bias(sky: Sky) {
  const solutions = Array.from({ length: 40 }, (_, seed) => solveZeroPoint(measured(seed, sky))!);
  const errors = solutions.map(({ njyPerElectron }) => njyPerElectron / TRUTH - 1);
  return { solutions, errors, mean: errors.reduce((sum, error) => sum + error, 0) / errors.length };
}

describe('the zero point', () => {
  it.each([
    ['bright stars', { count: 200, faintest: 20_000 }, 0.0005],
    ['stars down to the limit of detection', { count: 300, faintest: 1000 }, 0.001],
    ['variables and blends', { count: 300, faintest: 1000, variable: 0.1, blended: 0.1 }, 0.003],
    ['a dozen stars, some at the limit', { count: 12, faintest: 2500, variable: 0.08 }, 0.003],
  ])('is unbiased: %s', (_, sky, limit) => {
    const { mean, errors } = bias(sky);
    expect(Math.abs(mean)).toBeLessThan(limit);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.02);
  });

  it('states its scatter and error', () => {
    const { solutions, errors } = bias({ count: 300, faintest: 20_000 });
    for (const { scatter, starCount } of solutions) {
      expect(starCount).toBeGreaterThan(285);
      expect(scatter).toBeGreaterThan(0.006);
      expect(scatter).toBeLessThan(0.012);
    }
    const pulls = errors.map((error, k) => (error / solutions[k].error) ** 2);
    const spread = Math.sqrt(pulls.reduce((sum, pull) => sum + pull, 0) / pulls.length);
    expect(spread).toBeGreaterThan(0.75);
    expect(spread).toBeLessThan(1.3);
  });

  it('needs three stars', () => {
    const pairs = measured(1, { count: 3, faintest: 50_000 });
    expect(solveZeroPoint(pairs)?.njyPerElectron).toBeCloseTo(TRUTH, 1);
    expect(solveZeroPoint(pairs.slice(1))).toBeUndefined();
    expect(solveZeroPoint([])).toBeUndefined();
  });
});
