import { type Background, evaluateMesh, typicalBackground } from './background.ts';

/** Where the variance of the sky was taken from. */
export type VarianceSource = 'photon statistics' | 'measured background';

/** A sky whose measured variance is further than this factor from photons and read noise does not obey them. */
const TOLERANCE = 1.1;

/**
 * Variance of the sky at every pixel, electrons²: level plus read noise where the level obeys photon statistics, else
 * what the background's rms shows (resampled, sky-subtracted or coadded frames, and where the level is not known: NaN).
 */
export function skyVariance(
  background: Background,
  readNoise: number,
): { variance: Float32Array; source: VarianceSource } {
  const { level, rms } = typicalBackground(background);
  const ratio = (rms * rms) / (Math.max(level, 0) + readNoise * readNoise);
  if (ratio < TOLERANCE && ratio > 1 / TOLERANCE) {
    const variance = evaluateMesh(background, background.level);
    for (let i = 0; i < variance.length; i++) variance[i] = Math.max(0, variance[i]) + readNoise * readNoise;
    return { variance, source: 'photon statistics' };
  }
  const variance = evaluateMesh(background, background.rms);
  for (let i = 0; i < variance.length; i++) variance[i] = Math.max(variance[i], 0.1 * rms) ** 2;
  return { variance, source: 'measured background' };
}
