import { describe, expect, it } from 'vitest';
import { MASK } from '#shared/domain/image/masked-image.ts';
import { findStreaks, markStreak, streakLevel, streakPixels } from '#shared/domain/image/streak.ts';
import { random } from '../../support/scene.ts';

const [width, height] = [640, 480];

/** A score image: noise as smooth as a matched filter leaves it, sigma 1. */
function noiseScore(seed: number): Float32Array {
  const draw = random(seed);
  const white = Float32Array.from({ length: width * height }, () => draw.normal());
  const taps = [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5].map((d) => Math.exp(-(d * d) / (4 * 1.7 * 1.7)));
  const power = taps.reduce((sum, tap) => sum + tap * tap, 0);
  const smooth = (from: Float32Array, step: number): Float32Array =>
    from.map((_, at) => taps.reduce((sum, tap, k) => sum + tap * (from[at + (k - 5) * step] ?? 0), 0));
  return smooth(smooth(white, 1), width).map((value) => value / power);
}

/** Adds a track along x = x0 + slope y with a Gaussian cross section. */
function addTrack(score: Float32Array, x0: number, slope: number, peak: number, from = 0, to = height): void {
  for (let y = from; y < to; y++) {
    for (let x = 0; x < width; x++) {
      const across = (x - x0 - slope * y) / Math.hypot(1, slope);
      score[y * width + x] += peak * Math.exp((-across * across) / (2 * 2.4 * 2.4));
    }
  }
}

describe('a streak', () => {
  it.each([3, 10, 300])('of score %d is found from border to border', (peak) => {
    const score = noiseScore(peak);
    addTrack(score, 200, 0.4, peak);
    const streaks = findStreaks(score, new Uint16Array(score.length), width, height);
    expect(streaks).toHaveLength(1);
    const [{ x0, y0, x1, y1, halfWidth, profile }] = streaks;
    expect([y0, y1].sort((a, b) => a - b)).toEqual([expect.closeTo(0, -0.5), expect.closeTo(479, -0.5)]);
    for (const [x, y] of [
      [x0, y0],
      [x1, y1],
    ])
      expect(Math.abs(x - 200 - 0.4 * y)).toBeLessThan(2);
    expect(profile[0] / peak).toBeGreaterThan(0.8);
    expect(profile[0] / peak).toBeLessThan(1.3);
    // A Gaussian falls to 1 at sigma sqrt(2 ln peak).
    expect(Math.abs(halfWidth - 2.4 * Math.sqrt(2 * Math.log(peak)))).toBeLessThan(3);
  });

  it('is not cut by a saturated star whose halo was blanked near the border', () => {
    const score = noiseScore(1);
    addTrack(score, 200, 0.4, 900);
    const mask = new Uint16Array(score.length);
    for (let y = 300; y < 420; y++) {
      for (let x = 260; x < 440; x++) {
        score[y * width + x] = 0;
        mask[y * width + x] = MASK.SUSPECT;
      }
    }
    const streaks = findStreaks(score, mask, width, height);
    expect(streaks).toHaveLength(1);
    const [streak] = streaks;
    markStreak(mask, width, height, streak);
    const missed = Array.from({ length: height }, (_, y) => y).filter(
      (y) => (mask[y * width + Math.round(200 + 0.4 * y)] & MASK.STREAK) === 0,
    );
    expect(missed).toEqual([]);
    const unexplained = score.filter((value, at) => value > 5 && (mask[at] & MASK.STREAK) === 0);
    expect(unexplained).toHaveLength(0);
  });

  it('ends where it ends', () => {
    const score = noiseScore(2);
    addTrack(score, 300, 0.1, 8, 120, 330);
    const [{ y0, y1 }] = findStreaks(score, new Uint16Array(score.length), width, height);
    expect(Math.abs(Math.min(y0, y1) - 120)).toBeLessThan(25);
    expect(Math.abs(Math.max(y0, y1) - 330)).toBeLessThan(25);
  });

  it('owns what it lifts above the threshold, and says what it adds beside', () => {
    const score = noiseScore(3);
    addTrack(score, 200, 0.4, 40);
    const [streak] = findStreaks(score, new Uint16Array(score.length), width, height);
    const own = streakPixels(streak, score, width, height, 5);
    const above = score.reduce((count, value) => count + (value > 5 ? 1 : 0), 0);
    expect(own.length / above).toBeGreaterThan(0.9);
    expect(streakLevel(streak, 280, 200)).toBeGreaterThan(30);
    expect(streakLevel(streak, 280 + 2 * streak.halfWidth, 200)).toBe(0);
  });

  it('is none in noise, in stars, or in a difference that went wrong', () => {
    const mask = new Uint16Array(width * height);
    const score = noiseScore(4);
    expect(findStreaks(score, mask, width, height)).toEqual([]);
    const draw = random(5);
    for (let k = 0; k < 150; k++) {
      const [cx, cy] = [draw.uniform() * width, draw.uniform() * height];
      for (let y = 0; y < height; y++) {
        if (Math.abs(y - cy) > 12) continue;
        for (let x = Math.max(0, Math.ceil(cx - 12)); x <= Math.min(width - 1, cx + 12); x++)
          score[y * width + x] += 50 * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * 2.4 * 2.4));
      }
    }
    expect(findStreaks(score, mask, width, height)).toEqual([]);
    expect(
      findStreaks(
        score.map((value) => value + 1),
        mask,
        width,
        height,
      ),
    ).toEqual([]);
  });
});
