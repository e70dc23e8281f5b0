import { describe, expect, it } from 'vitest';
import { sampleMoffat } from '#shared/domain/image/moffat.ts';
import { movePsf } from '#shared/domain/image/moved-psf.ts';
import { addMoffat } from '../../support/scene.ts';

const profile = { fwhm: 4, beta: 3, e1: 0.05, e2: -0.03 };
const psf = { half: 14, values: sampleMoffat(profile, 14) };
const peak = psf.values[14 * 29 + 14];

/** The Moffat itself at a shift, in the middle 17 pixels. */
function truth(dx: number, dy: number): Float64Array {
  const whole = new Float32Array(29 * 29);
  addMoffat(whole, 29, 29, 14 + dx, 14 + dy, 1e6, profile);
  const scale = peak / truthPeak;
  return Float64Array.from(
    { length: 289 },
    (_, k) => whole[((k / 17) | 0) * 29 + 6 * 29 + (k % 17) + 6] * scale,
  );
}

const centred = new Float32Array(29 * 29);
addMoffat(centred, 29, 29, 14, 14, 1e6, profile);
const truthPeak = centred[14 * 29 + 14];

const worst = (a: ArrayLike<number>, b: Float64Array): number =>
  b.reduce((most, value, k) => Math.max(most, Math.abs(a[k] - value)), 0) / peak;

describe('a PSF between pixels', () => {
  it.each([
    [0, 0],
    [0.5, -0.5],
    [-0.31, 0.17],
  ])('moved by %d, %d is the PSF there to 0.6 % of its peak', (dx, dy) => {
    expect(worst(movePsf(psf, 8, dx, dy, false).values, truth(dx, dy))).toBeLessThan(6e-3);
  });

  it('has the slopes of its own values', () => {
    const { slopesX, slopesY } = movePsf(psf, 8, 0.2, -0.3, true);
    const slopes = [slopesX.slice(0, 289), slopesY.slice(0, 289)];
    const step = 1e-4;
    for (const [axis, slope] of slopes.entries()) {
      const [sx, sy] = axis === 0 ? [step, 0] : [0, step];
      const before = movePsf(psf, 8, 0.2 - sx, -0.3 - sy, false).values.slice(0, 289);
      const after = movePsf(psf, 8, 0.2 + sx, -0.3 + sy, false).values;
      // What moves towards larger x falls where it rises with x.
      const numeric = before.map((value, k) => (value - after[k]) / (2 * step));
      expect(worst(slope, numeric)).toBeLessThan(1e-5);
    }
  });

  it('is the same in its core and as a whole', () => {
    const core = movePsf(psf, 8, 0.4, 0.1, false).values.slice(0, 289);
    const whole = movePsf(psf, 14, 0.4, 0.1, false).values;
    const inner = Float64Array.from(core, (_, k) => whole[(((k / 17) | 0) + 6) * 29 + (k % 17) + 6]);
    expect(worst(core, inner)).toBe(0);
  });
});
