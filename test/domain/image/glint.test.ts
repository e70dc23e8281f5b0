import { describe, expect, it } from 'vitest';
import { findGlints, type GlintCandidate } from '#shared/domain/image/glint.ts';
import { random } from '../../support/scene.ts';

const plain = { isNegative: false, isDipole: false };

/** Sources anywhere on a detector of LSSTCam's size. */
function field(count: number, seed: number): GlintCandidate[] {
  const draw = random(seed);
  return Array.from({ length: count }, () => ({
    x: 4072 * draw.uniform(),
    y: 4000 * draw.uniform(),
    ...plain,
  }));
}

/** A row of flashes, each half a pixel off the line. */
function row(count: number, spacing: number, seed: number): GlintCandidate[] {
  const draw = random(seed);
  return Array.from({ length: count }, (_, k) => ({
    x: 1200 + 0.8 * spacing * k + 0.5 * draw.normal(),
    y: 1500 + 0.6 * spacing * k + 0.5 * draw.normal(),
    ...plain,
  }));
}

describe('glints', () => {
  it('are five or more sources in a row, also one longer than the search', () => {
    for (const [count, spacing] of [
      [5, 60],
      [6, 75],
      [14, 110],
    ]) {
      const others = field(70, count);
      const flags = findGlints([...others, ...row(count, spacing, 3)]);
      expect(flags.slice(70)).toEqual(Array(count).fill(true));
      expect(flags.slice(0, 70).filter(Boolean)).toHaveLength(0);
    }
  });

  it('are not four, nor five of which some faded or are dipoles', () => {
    expect(findGlints(row(4, 60, 4))).not.toContain(true);
    const five = row(5, 60, 5);
    expect(findGlints(five)).not.toContain(false);
    for (const flaw of [{ isNegative: true }, { isDipole: true }])
      expect(findGlints(five.map((source, k) => (k === 2 ? { ...source, ...flaw } : source)))).not.toContain(
        true,
      );
  });

  it('are not made by chance, however many sources there are', () => {
    for (const count of [50, 300, 1000, 3000]) {
      const flagged = [1, 2, 3].map((seed) => findGlints(field(count, seed)).filter(Boolean).length);
      expect(flagged, `of ${count}`).toEqual([0, 0, 0]);
    }
  });
});
