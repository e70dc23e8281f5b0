import { type Background, typicalBackground } from './background-mesh.ts';
import { backgroundSpline, fillFromSpline, splineAt } from './mesh-spline.ts';
import type { Workspace } from './workspace.ts';

/** Where the variance of the sky was taken from. */
export type VarianceSource = 'photon statistics' | 'measured background';

/** A sky whose measured variance is further than this factor from photons and read noise does not obey them. */
const TOLERANCE = 1.1;

/** Variance of the sky, told where it is asked for, so that nobody must hold a plane of it. */
export interface SkyNoise {
  readonly source: VarianceSource;
  /** Electrons². */
  varianceAt(x: number, y: number): number;
  /** Writes it for every pixel, times `scale`; the plane is in the workspace. */
  fill(workspace: Workspace, out: Float32Array, scale: number): void;
}

/**
 * Variance of a sky that was measured in electrons: level plus read noise where the level obeys photon statistics, else
 * what the background's rms shows (resampled, sky-subtracted or coadded frames, and where the level is not known: NaN).
 */
export function skyNoise(background: Background, readNoise: number): SkyNoise {
  const { level, rms } = typicalBackground(background);
  const ratio = (rms * rms) / (Math.max(level, 0) + readNoise * readNoise);
  const obeysPhotons = ratio < TOLERANCE && ratio > 1 / TOLERANCE;
  const spline = backgroundSpline(background, obeysPhotons ? 'level' : 'rms');
  const power = obeysPhotons ? 1 : 2;
  const least = obeysPhotons ? 0 : 0.1 * rms;
  const offset = obeysPhotons ? readNoise * readNoise : 0;
  return {
    source: obeysPhotons ? 'photon statistics' : 'measured background',
    varianceAt: (x, y) => Math.max(splineAt(spline, x, y), least) ** power + offset,
    fill: (workspace, out, scale) => fillFromSpline(workspace, out, spline, { power, least, offset, scale }),
  };
}
