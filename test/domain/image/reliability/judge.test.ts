import { expect, it } from 'vitest';
import { differencePair } from '#shared/domain/image/pair.ts';
import weights from '#shared/domain/image/reliability/weights.json' with { type: 'json' };
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { makeScene, NJY_PER_ELECTRON, READ_NOISE } from '../../../support/scene.ts';

const SIZE = 384;

it('tells new stars from columns that were read wrongly and from hits of half a pixel', () => {
  const scene = makeScene({
    seed: 6,
    size: SIZE,
    stars: 40,
    galaxies: 30,
    transients: 12,
    brightest: 4e5,
    snr: [10, 15, 20, 30],
  });
  const science = Float32Array.from(scene.science);
  const isFree = (x: number, y: number): boolean =>
    [...scene.transients, ...scene.stars].every((other) => Math.hypot(other.x - x, other.y - y) > 15);
  const flaws: { x: number; y: number }[] = [];
  for (let x = 30; x < SIZE - 30; x += 27) {
    for (let y = 30; y < SIZE - 30; y += 61) {
      if (!isFree(x, y)) continue;
      flaws.push({ x, y });
      if (flaws.length % 2 === 0) for (let j = -6; j <= 6; j++) science[(y + j) * SIZE + x] += 130;
      else for (const at of [0, 1]) science[y * SIZE + x + at] += 350;
    }
  }
  const plane = (pixels: Float32Array) => ({
    header: [],
    image: { width: SIZE, height: SIZE, pixels },
  });
  const template = plane(scene.template.map((value) => value / NJY_PER_ELECTRON));
  const { sources } = differencePair(createWorkspace(), plane(science), template, {
    science: { gain: 1, readNoise: READ_NOISE, sky: 800, saturation: 98_000 },
    template: { gain: 10, readNoise: 19 },
  });
  const reliable = (of: readonly { x: number; y: number }[]): boolean[] =>
    of.flatMap(({ x, y }) => {
      const found = sources.find((source) => Math.hypot(source.x - x, source.y - y) < 3);
      return found?.reliability ? [found.reliability >= 0.5] : [];
    });
  const [ofStars, ofFlaws] = [reliable(scene.transients), reliable(flaws)];
  expect(ofStars.length).toBeGreaterThanOrEqual(11);
  expect(ofStars.filter(Boolean).length).toBe(ofStars.length);
  expect(ofFlaws.length).toBeGreaterThanOrEqual(10);
  expect(ofFlaws.filter(Boolean).length).toBeLessThanOrEqual(0.2 * ofFlaws.length);
  expect(sources.every(({ reliabilityVersion }) => reliabilityVersion === weights.version)).toBe(true);
});
