import { describe, expect, it } from 'vitest';
import { refineAstrometry } from '#shared/domain/image/astrometry.ts';
import { pixelToSky, type Wcs } from '#shared/domain/sky/wcs.ts';
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

  it('with 200 references of 0.05" noise is right within 0.01", among strangers on both sides', () => {
    const { stars, references, draw } = field(200, 0.25, 6);
    const strangers = Array.from({ length: 60 }, () => ({
      x: draw.uniform() * size,
      y: draw.uniform() * size,
      flux: 5,
    }));
    const solution = refineAstrometry(
      [...strangers, ...stars],
      references.slice(0, 170),
      predicted(20, 20, 0.02),
      { width: size, height: size },
      15,
    );
    const a = pixelToSky(truth, 300, 300);
    const b = pixelToSky(solution?.wcs ?? truth, 300, 300);
    expect(Math.hypot(a.raDeg - b.raDeg, a.decDeg - b.decDeg) * 3600).toBeLessThan(0.02);
    expect(solution?.rmsArcsec).toBeGreaterThan(0.03);
    expect(solution?.rmsArcsec).toBeLessThan(0.07);
  });

  it('is refused where fewer than 3 stars agree', () => {
    const { stars } = field(40, 0, 7);
    const { references } = field(40, 0, 8);
    expect(
      refineAstrometry(stars.slice(0, 6), references.slice(0, 6), truth, { width: size, height: size }, 2),
    ).toBeUndefined();
  });
});
