import { describe, expect, it } from 'vitest';
import { bandAround } from '#shared/domain/image/band.ts';
import { fitDipole } from '#shared/domain/image/dipole.ts';
import { refinePsf } from '#shared/domain/image/fine-psf.ts';
import { blankImage } from '#shared/domain/image/masked-image.ts';
import { sampleMoffat } from '#shared/domain/image/moffat.ts';
import { fitPoint } from '#shared/domain/image/point-fit.ts';
import { pointFlux } from '#shared/domain/image/point-flux.ts';
import { fitTrail } from '#shared/domain/image/trail.ts';
import { cutWindow } from '#shared/domain/image/window.ts';
import { addMoffat, random } from '../../support/scene.ts';

const profile = { fwhm: 4, beta: 3, e1: 0.02, e2: -0.01 };
const psf = { half: 12, values: sampleMoffat(profile, 12) };
const size = 128;

function canvas(seed: number, noise = 10) {
  const draw = random(seed);
  const image = blankImage(size, size);
  image.variance.fill(noise * noise);
  return {
    image,
    add: (x: number, y: number, flux: number) => addMoffat(image.image, size, size, x, y, flux, profile),
    finish: () =>
      image.image.forEach((v, i) => {
        image.image[i] = v + noise * draw.normal();
      }),
  };
}

describe('a point source', () => {
  it('is centred within its errors, and its flux has the right error', () => {
    const pulls: number[] = [];
    for (let seed = 0; seed < 60; seed++) {
      const { image, add, finish } = canvas(seed);
      const [x, y] = [60 + seed / 60, 64.5 - seed / 90];
      add(x, y, 1500);
      finish();
      const fit = fitPoint(image, psf, Math.round(x), Math.round(y));
      expect(fit).toBeDefined();
      if (fit === undefined) return;
      pulls.push((fit.x - x) / fit.xErr, (fit.y - y) / fit.yErr);
      const flux = pointFlux(image, psf, x, y);
      pulls.push(((flux?.flux ?? 0) - 1500) / (flux?.fluxErr ?? 1));
    }
    const rms = Math.sqrt(pulls.reduce((sum, pull) => sum + pull * pull, 0) / pulls.length);
    expect(rms).toBeGreaterThan(0.85);
    expect(rms).toBeLessThan(1.2);
  });
});

describe('a trail', () => {
  it.each([10, 20, 40, 60])('of %d px is fitted in length, direction and flux', (length) => {
    const { image, add, finish } = canvas(length);
    const angle = 0.6;
    const flux = 20 * 10 * Math.sqrt(60 + 5 * length);
    for (let k = 0; k < 4 * length; k++) {
      const t = (k + 0.5) / 4 - length / 2;
      add(63 + t * Math.cos(angle), 65 + t * Math.sin(angle), flux / (4 * length));
    }
    finish();
    const guess = { x: 62, y: 66, length: 0.7 * length, angleRad: 0.5 };
    const fit = fitTrail(bandAround(image, { ...guess, length: 1.4 * length }, 10), refinePsf(psf), guess);
    expect(Math.abs((fit?.length ?? 0) / length - 1)).toBeLessThan(0.1);
    expect(Math.abs((fit?.angleRad ?? 0) - angle) * 57.3).toBeLessThan(3);
    expect(Math.abs((fit?.flux ?? 0) / flux - 1)).toBeLessThan(0.15);
  });
});

describe('a dipole', () => {
  it('gives the position and flux of both lobes', () => {
    const { image, add, finish } = canvas(1);
    add(62, 64, 6000);
    add(65, 65, -5000);
    finish();
    const fit = fitDipole(
      cutWindow(image, 50, 50, 78, 78),
      refinePsf(psf),
      { x: 62, y: 64, flux: 3000 },
      { x: 65, y: 65, flux: 3000 },
      { flux: 5200, fluxErr: 100 },
    );
    expect(fit?.isDipole).toBe(true);
    expect(Math.hypot((fit?.positive.x ?? 0) - 62, (fit?.positive.y ?? 0) - 64)).toBeLessThan(0.4);
    expect(Math.abs((fit?.negative.flux ?? 0) / 5000 - 1)).toBeLessThan(0.25);
  });

  it('is none when one lobe has most of the flux', () => {
    const { image, add, finish } = canvas(2);
    add(62, 64, 9000);
    add(67, 66, -2500);
    finish();
    const fit = fitDipole(
      cutWindow(image, 50, 50, 78, 78),
      refinePsf(psf),
      { x: 62, y: 64, flux: 8000 },
      { x: 67, y: 66, flux: 2000 },
      { flux: 2500, fluxErr: 100 },
    );
    expect(fit?.isDipole).toBe(false);
  });
});
