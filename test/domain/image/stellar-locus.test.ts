import { describe, expect, test } from 'vitest';
import { type Sized, stellarLocus } from '#shared/domain/image/stellar-locus.ts';
import { random } from '../../support/scene.ts';

/** Stars whose radius follows the field by 8 %, and galaxies that are at least a little larger. */
function candidates(stars: number, galaxies: number): (Sized & { isStar: boolean })[] {
  const { uniform, normal } = random(8);
  return Array.from({ length: stars + galaxies }, (_, k) => {
    const isStar = k < stars;
    const [x, y] = [4000 * uniform(), 4000 * uniform()];
    const [u, v] = [x / 2000 - 1, y / 2000 - 1];
    const psf = 1.65 * (1 + 0.04 * u - 0.02 * v + 0.02 * (u * u + v * v));
    const snr = Math.min(1000, 40 * (1 - uniform()) ** (isStar ? -1.5 : -0.9));
    const size = isStar ? 0 : 0.5 + 3 * uniform();
    return { x, y, snr, isStar, radius: Math.sqrt(psf * psf + size) * (1 + normal() / snr) };
  });
}

describe.each([
  [400, 200],
  [50, 120],
  [12, 3],
])('of %i stars and %i galaxies', (stars, galaxies) => {
  test('most of the stars are told, and next to no galaxy', () => {
    const found = stellarLocus(candidates(stars, galaxies));
    const right = found.filter(({ isStar }) => isStar).length;
    expect(right).toBeGreaterThan(0.9 * stars);
    expect(found.length - right).toBeLessThan(0.1 * stars + 0.05 * galaxies);
  });
});

test('one object is its own locus, and none has none', () => {
  const one = { x: 10, y: 20, radius: 1.7, snr: 100 };
  expect(stellarLocus([one])).toEqual([one]);
  expect(stellarLocus([])).toEqual([]);
});
