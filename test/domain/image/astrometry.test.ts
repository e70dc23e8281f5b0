import { describe, expect, it } from 'vitest';
import { refineAstrometry } from '#shared/domain/image/astrometry.ts';
import { bivariate } from '#shared/domain/sky/bivariate.ts';
import { correctWcs } from '#shared/domain/sky/correct-wcs.ts';
import { pixelToSky, skyToPixel, type Wcs } from '#shared/domain/sky/wcs.ts';
import { random } from '../../support/scene.ts';

const size = 1024;
const scale = 0.2 / 3600;
const truth: Wcs = { crvalDeg: [150, 2], crpix: [-3000, 700], cd: [-scale, 0, 0, scale] };

function field(count: number, noisePx: number, seed: number) {
  const draw = random(seed);
  const stars = Array.from({ length: count }, () => ({
    x: draw.uniform() * size,
    y: draw.uniform() * size,
    flux: 1 / draw.uniform(),
  }));
  const references = stars.map(({ x, y, flux }, k) => {
    const { raDeg, decDeg } = pixelToSky(truth, x + noisePx * draw.normal(), y + noisePx * draw.normal());
    return { id: `${k}`, raDeg, decDeg, fluxNjy: flux, fluxErrNjy: 0.01 };
  });
  return { stars: stars.sort((a, b) => b.flux - a.flux), references, draw };
}

function predicted(dx: number, dy: number, turnDeg: number): Wcs {
  const angle = (turnDeg * Math.PI) / 180;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [u, v] = [truth.crpix[0] - size / 2, truth.crpix[1] - size / 2];
  const [a, b, d, e] = truth.cd;
  return {
    ...truth,
    crpix: [size / 2 + u * c - v * s + dx, size / 2 + u * s + v * c + dy],
    cd: [a * c - b * s, a * s + b * c, d * c - e * s, d * s + e * c],
  };
}

describe('astrometric refinement', () => {
  it.each([
    [45, -30, 0],
    [-12, 60, 0.1],
    [3, 2, -0.25],
  ])('finds an offset of (%d, %d) px and a rotation of %d degrees', (dx, dy, turn) => {
    const { stars, references } = field(120, 0, 5);
    const solution = refineAstrometry(
      stars,
      references,
      predicted(dx, dy, turn),
      { width: size, height: size },
      15,
    );
    expect(solution?.matches.length).toBeGreaterThan(115);
    for (const [x, y] of [
      [0, 0],
      [1023, 0],
      [500, 1023],
    ]) {
      const a = pixelToSky(truth, x, y);
      const b = pixelToSky(solution?.wcs ?? truth, x, y);
      expect(Math.abs(a.raDeg - b.raDeg) * 3600).toBeLessThan(0.001);
      expect(Math.abs(a.decDeg - b.decDeg) * 3600).toBeLessThan(0.001);
    }
  });

  it('is refused where fewer than 3 stars agree', () => {
    const { stars } = field(40, 0, 7);
    const { references } = field(40, 0, 8);
    expect(
      refineAstrometry(stars.slice(0, 6), references.slice(0, 6), truth, { width: size, height: size }, 2),
    ).toBeUndefined();
  });
});

describe('the whole of a detector', () => {
  const frame = { width: 4072, height: 4000 };
  const tan: Wcs = { crvalDeg: [359.99, -30], crpix: [2000, 1900], cd: [-scale, 0, 0, scale] };
  const camera: Wcs = {
    ...tan,
    crpix: [-22_000, 18_000],
    distortion: {
      kind: 'SIP',
      order: 3,
      a: bivariate(3, [
        [3, 0, 1e-12],
        [1, 2, 1e-12],
      ]).coefficients,
      b: bivariate(3, [
        [2, 1, 1e-12],
        [0, 3, 1e-12],
      ]).coefficients,
    },
  };
  const pv = (terms: readonly number[]): number[] => [...terms, ...new Array(40 - terms.length).fill(0)];
  const tpv: Wcs = {
    ...tan,
    distortion: { kind: 'TPV', pv1: pv([0, 1.001, 0, 0, 0, 0, 0, 0.05]), pv2: pv([0, 1, 0, 0, 0, 0.01]) },
  };

  /** Where the sky really is: shifted, turned and scaled, and bent by `bend` u² px. */
  function moved(wcs: Wcs, bend: number): Wcs {
    const order = bend === 0 ? 1 : 2;
    const bent = (terms: [number, number, number][]): [number, number, number][] => (bend === 0 ? [] : terms);
    const x = bivariate(order, [
      [0, 0, 21],
      [1, 0, 1.0005],
      [0, 1, 0.001],
      ...bent([
        [2, 0, bend],
        [1, 1, -bend],
      ]),
    ]);
    const y = bivariate(order, [
      [0, 0, -13],
      [1, 0, -0.001],
      [0, 1, 1.0005],
      ...bent([
        [0, 2, bend],
        [1, 1, bend / 2],
      ]),
    ]);
    return correctWcs(wcs, { centre: [2036, 2000], x, y }) ?? wcs;
  }

  /** Refines with `count` references of 0.05" noise among a quarter of strangers; the error over a grid, per axis. */
  function solve(seed: number, count: number, predictedWcs: Wcs, real: Wcs) {
    const draw = random(seed);
    const place = () => ({
      x: draw.uniform() * frame.width,
      y: draw.uniform() * frame.height,
      flux: 1 / draw.uniform(),
    });
    const stars = Array.from({ length: count }, place).sort((a, b) => b.flux - a.flux);
    const references = stars.map(({ x, y, flux }, k) => {
      const sky = pixelToSky(real, x + 0.25 * draw.normal(), y + 0.25 * draw.normal());
      return { id: `${k}`, ...sky, fluxNjy: flux, fluxErrNjy: 0.01 };
    });
    const strangers = Array.from({ length: count / 4 }, place);
    const solution = refineAstrometry([...stars, ...strangers], references, predictedWcs, frame, 15);
    let squares = 0;
    let points = 0;
    for (let y = 100; y < frame.height; y += 400) {
      for (let x = 100; x < frame.width; x += 400) {
        const { raDeg, decDeg } = pixelToSky(real, x, y);
        const at = skyToPixel(solution?.wcs ?? predictedWcs, raDeg, decDeg);
        squares += at === undefined ? Number.NaN : (at.x - x) ** 2 + (at.y - y) ** 2;
        points += 2;
      }
    }
    return { solution, error: Math.sqrt(squares / points) * 0.2 };
  }

  it.each([
    ['TAN', tan, 0, 1],
    ['TAN, bent', tan, 2e-7, 2],
    ['SIP about a far axis', camera, 0, 1],
    ['SIP about a far axis, bent', camera, 2e-7, 2],
    ['TPV', tpv, 0, 1],
  ] as const)('200 stars of 0.05" noise leave at most 0.01": %s', (_, predictedWcs, bend, order) => {
    const real = moved(predictedWcs, bend);
    const runs = Array.from({ length: 12 }, (_, seed) => solve(seed, 200, predictedWcs, real));
    const pooled = Math.sqrt(runs.reduce((sum, { error }) => sum + error ** 2, 0) / runs.length);
    expect(pooled).toBeLessThan(0.01);
    for (const { solution } of runs) {
      expect(solution?.order).toBe(order);
      expect(solution?.matches.length).toBeGreaterThan(190);
      expect(solution?.rmsArcsec).toBeGreaterThan(0.042);
      expect(solution?.rmsArcsec).toBeLessThan(0.055);
    }
  });

  it('takes second order for a field that needs none less than once in 50', () => {
    const orders = Array.from(
      { length: 60 },
      (_, seed) => solve(seed + 100, 40, tan, moved(tan, 0)).solution?.order,
    );
    expect(orders.filter((order) => order === 1).length).toBeGreaterThanOrEqual(59);
  });

  it('keeps to a shift with 5 stars, and to linear terms with 28', () => {
    expect(solve(1, 5, tan, moved(tan, 0)).solution?.order).toBe(0);
    expect(solve(1, 28, tan, moved(tan, 3e-7)).solution?.order).toBe(1);
  });

  it('is not bent by stars that leave a quadrant empty', () => {
    const draw = random(3);
    const real = moved(tan, 2e-7);
    const stars = Array.from({ length: 80 }, () => ({ x: draw.uniform() * 1900, y: draw.uniform() * 4000 }));
    const references = stars.map(({ x, y }, k) => ({
      id: `${k}`,
      ...pixelToSky(real, x, y),
      fluxNjy: 100 - k,
      fluxErrNjy: 1,
    }));
    expect(refineAstrometry(stars, references, tan, frame, 15)?.order).toBe(1);
  });
});
