import { describe, expect, it } from 'vitest';
import { MASK } from '#shared/domain/image/masked-image.ts';
import { smearStars, subtractWings } from '#shared/domain/image/wings.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { addMoffat, random } from '../../support/scene.ts';

const size = 401;
const sigma = 18;
const science = { fwhm: 4.2, beta: 3, e1: 0, e2: 0 };
const template = { fwhm: 4.2, beta: 3.5, e1: 0, e2: 0 };
const stars = [
  { x: 90.3, y: 110.8, flux: 1.5e6 },
  { x: 300.6, y: 80.2, flux: 8e5 },
  { x: 210.1, y: 300.5, flux: 1.2e6 },
];
const transient = { x: 110.3, y: 110.8, flux: 3000 };

/** Wings of a slower power that the kernel made up for within its 10 px and not beyond. */
function fieldWithRings() {
  const matched = new Float32Array(size * size);
  const wide = new Float32Array(size * size);
  const image = new Float32Array(size * size);
  for (const { x, y, flux } of stars) {
    addMoffat(matched, size, size, x, y, flux, template);
    addMoffat(wide, size, size, x, y, flux, science);
  }
  const noise = random(4);
  for (let i = 0; i < image.length; i++) {
    const far = radiusOf(i) > 10;
    image[i] = (far ? wide[i] - matched[i] : 0) + sigma * noise.normal();
  }
  addMoffat(image, size, size, transient.x, transient.y, transient.flux, science);
  return { image, matched };
}

/** To the nearest star. */
function radiusOf(at: number): number {
  return Math.min(...stars.map(({ x, y }) => Math.hypot((at % size) - x, Math.floor(at / size) - y)));
}

function meanBetween(image: Float32Array, from: number, to: number): number {
  const ring = image.filter((_, at) => {
    const isAway = Math.hypot((at % size) - transient.x, Math.floor(at / size) - transient.y) > 10;
    return radiusOf(at) >= from && radiusOf(at) < to && isAway;
  });
  return ring.reduce((sum, value) => sum + value, 0) / ring.length;
}

function subtracted(bits = 0) {
  const before = fieldWithRings();
  const workspace = createWorkspace();
  const [image, matched, variance] = [0, 1, 2].map(() => workspace.floats(size * size));
  const mask = workspace.words(size * size).fill(bits);
  image.set(before.image);
  matched.set(before.matched);
  variance.set(matched.map((flux) => sigma ** 2 + Math.max(0, flux) + (0.1 * flux) ** 2));
  const smears = smearStars(workspace, matched, size, size, 4.2);
  subtractWings(workspace, { image, matched, variance, mask }, smears, size, size);
  return { before, image, matched };
}

describe('wings beyond the kernel', () => {
  it('are taken out of the difference: a ring of half a pixel sigma falls to less than a fifth', () => {
    const { before, image } = subtracted();
    expect(meanBetween(before.image, 11, 17)).toBeGreaterThan(0.5 * sigma);
    expect(Math.abs(meanBetween(image, 11, 17))).toBeLessThan(0.2 * meanBetween(before.image, 11, 17));
    expect(Math.abs(meanBetween(image, 17, 25))).toBeLessThan(0.15 * sigma);
  });

  it('take nothing from a source 20 px from the star', () => {
    const { before, image } = subtracted();
    const core = (plane: Float32Array): number => {
      let sum = 0;
      for (let j = 107; j <= 115; j++) for (let i = 106; i <= 114; i++) sum += plane[j * size + i];
      return sum;
    };
    // What goes is the ring's own part under the source.
    const clean = new Float32Array(size * size);
    addMoffat(clean, size, size, transient.x, transient.y, transient.flux, science);
    expect(core(before.image) - core(clean)).toBeGreaterThan(core(image) - core(clean));
    expect(Math.abs(core(image) - core(clean))).toBeLessThan(2.5 * 9 * sigma);
  });

  it('go to the matched template: the two still add up to the image', () => {
    const { before, image, matched } = subtracted();
    for (let at = 0; at < image.length; at += 997) {
      expect(image[at] + matched[at]).toBeCloseTo(before.image[at] + before.matched[at], 0);
    }
  });

  it('stay where no pixel can be used', () => {
    const { before, image } = subtracted(MASK.BAD);
    expect([...image]).toEqual([...before.image]);
  });
});
