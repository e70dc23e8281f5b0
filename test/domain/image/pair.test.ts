import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Hdu, readFits } from '#shared/domain/fits/read.ts';
import { shiftStamp } from '#shared/domain/image/lanczos.ts';
import { differencePair, factsOf, type PairResult } from '#shared/domain/image/pair.ts';
import { psfAt } from '#shared/domain/image/psf.ts';
import { ImageRefused } from '#shared/domain/image/refusal.ts';
import { sourcesCsv } from '#shared/domain/image/sources-csv.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { wcsToCards } from '#shared/domain/sky/wcs.ts';
import { makeScene, NJY_PER_ELECTRON, READ_NOISE, random } from '../../support/scene.ts';
import { sharedData } from '../../support/shared-data.ts';

const workspace = createWorkspace();

const decam = (name: string): Hdu | undefined => {
  const path = sharedData('images', 'decam', `DEC-${name}.mini.fits`);
  // The stamps keep the checksums of the frames they were cut from.
  return path === undefined ? undefined : readFits(readFileSync(path), { verifyChecksums: false })[0];
};

const difference = (science: Hdu, template: Hdu): PairResult =>
  differencePair(workspace, science, template, {
    science: factsOf(science.header),
    template: factsOf(template.header),
  });

describe.each(['a', 'b'])('the real DECam pair %s', (pair) => {
  const science = decam(`OBS04${pair}`);
  const template = decam(`OBS18${pair}`);

  it.skipIf(science === undefined)(
    'has the noise that both frames say, and a field that is not masked away',
    () => {
      if (science === undefined || template === undefined) return;
      const result = difference(science, template);
      const { measured, expected } = result.emptySigma;
      expect(Math.abs(measured / expected - 1)).toBeLessThan(0.15);
      expect(result.varianceFrom.science).toBe(pair === 'a' ? 'photon statistics' : 'measured background');
      expect(result.warped).toBe(false);
      expect(result.sources.length).toBeLessThan(8);
    },
  );

  it.skipIf(science === undefined)(
    'gives back 90 % of point sources of S/N 10 injected with its own PSF',
    () => {
      if (science?.image === undefined || template === undefined) return;
      const { psf, skySigma } = difference(science, template);
      const draw = random(pair.charCodeAt(0));
      const pixels = Float64Array.from(science.image.pixels);
      const placed: { x: number; y: number }[] = [];
      while (placed.length < 20) {
        const [x, y] = [22 + 212 * draw.uniform(), 22 + 212 * draw.uniform()];
        if (placed.some((other) => Math.hypot(other.x - x, other.y - y) < 22)) continue;
        const { half, values } = psfAt(psf, x, y);
        const side = 2 * half + 1;
        const [cx, cy] = [Math.round(x), Math.round(y)];
        const stamp = shiftStamp(values, side, x - cx, y - cy);
        const power = values.reduce((sum, value) => sum + value * value, 0);
        const flux = (10 * Math.hypot(skySigma.science, skySigma.template)) / Math.sqrt(power);
        stamp.forEach((value, k) => {
          const [px, py] = [cx + (k % side) - half, cy + Math.floor(k / side) - half];
          if (px >= 0 && py >= 0 && px < 256 && py < 256) pixels[py * 256 + px] += flux * value;
        });
        placed.push({ x, y });
      }
      const { sources } = difference({ ...science, image: { width: 256, height: 256, pixels } }, template);
      const recovered = placed.filter(({ x, y }) =>
        sources.some((s) => !s.isNegative && Math.hypot(s.x - x, s.y - y) < 3),
      );
      expect(recovered.length).toBeGreaterThanOrEqual(18);
    },
  );
});

describe('a pair of plain images', () => {
  const scene = makeScene({
    seed: 6,
    size: 384,
    stars: 40,
    galaxies: 30,
    transients: 6,
    brightest: 4e5,
    snr: [15, 20, 30],
  });
  const image = (pixels: Float32Array, size = scene.width): Hdu => ({
    header: [],
    image: { width: size, height: pixels.length / size, pixels },
  });
  const electrons = scene.template.map((value) => value / NJY_PER_ELECTRON);
  const facts = {
    science: { gain: 1, readNoise: READ_NOISE, sky: 800, saturation: 98_000 },
    template: { gain: 10, readNoise: 19 },
  };

  it('needs no world coordinates when the images have one size', () => {
    const result = differencePair(workspace, image(scene.science), image(electrons), facts);
    expect(result.warped).toBe(false);
    const missing = scene.transients.filter(
      ({ x, y }) => !result.sources.some((s) => Math.hypot(s.x - x, s.y - y) < 3),
    );
    expect(missing).toEqual([]);
    expect(result.varianceFrom).toEqual({ science: 'photon statistics', template: 'measured background' });
    const [head, first] = sourcesCsv(result).split('\n');
    expect(head).toBe('id,x,y,ra,dec,flux,fluxErr,snr,isNegative,isDipole,trailLength,reliability,flags');
    expect(first.split(',').slice(3, 5)).toEqual(['', '']);
  });

  it('finds nothing between an image and itself', () => {
    expect(differencePair(workspace, image(scene.science), image(scene.science), facts).sources).toEqual([]);
  });

  it('is aligned by world coordinates where they differ', () => {
    const [dx, dy, width] = [9, -6, scene.width];
    const moved = new Float32Array(electrons.length);
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < width; x++) {
        const [px, py] = [x + dx, y + dy];
        if (px >= 0 && py >= 0 && px < width && py < width) moved[y * width + x] = electrons[py * width + px];
      }
    }
    const wcs = { ...scene.wcs, crpix: [scene.wcs.crpix[0] - dx, scene.wcs.crpix[1] - dy] as const };
    const result = differencePair(
      workspace,
      { ...image(scene.science), header: wcsToCards(scene.wcs) },
      { ...image(moved), header: wcsToCards(wcs) },
      { ...facts, zeroPoint: 31.4 - 2.5 * Math.log10(NJY_PER_ELECTRON) },
    );
    expect(result.warped).toBe(true);
    expect(result.unit).toBe('nJy');
    const found = scene.transients.flatMap((truth) => {
      const source = result.sources.find((s) => Math.hypot(s.x - truth.x, s.y - truth.y) < 3);
      return source ? [{ truth, source }] : [];
    });
    expect(found.length).toBeGreaterThanOrEqual(scene.transients.length - 1);
    for (const { truth, source } of found)
      expect(Math.abs((source.psfFlux ?? 0) / truth.flux - 1)).toBeLessThan(0.35);
  });

  it('is refused with the reason', () => {
    const other = image(new Float32Array(100 * 100), 100);
    expect(() => differencePair(workspace, image(scene.science), other, facts)).toThrow(
      new ImageRefused(
        'the images have 384x384 and 100x100 pixels, and not both have world coordinates to align them by',
      ),
    );
    const flat = image(Float32Array.from({ length: 384 * 384 }, (_, i) => i % 3));
    expect(() => differencePair(workspace, flat, flat, facts)).toThrow(/no isolated unsaturated star/);
  });
});
