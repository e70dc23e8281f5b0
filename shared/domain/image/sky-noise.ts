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
  const told = (x: number, y: number): number => Math.max(splineAt(spline, x, y), least) ** power + offset;
  const { width, height } = background;
  let grid: { columns: number; values: Float64Array } | undefined;
  return {
    source: obeysPhotons ? 'photon statistics' : 'measured background',
    varianceAt(x, y) {
      grid ??= gridOf(told, width, height);
      return interpolate(grid, x / GRID, y / GRID);
    },
    fill: (workspace, out, scale) => fillFromSpline(workspace, out, spline, { power, least, offset, scale }),
  };
}

/** Pixels between the places at which the spline is evaluated once for all: they tell it to 2e-4, and 20 times sooner. */
const GRID = 16;

function gridOf(
  valueAt: (x: number, y: number) => number,
  width: number,
  height: number,
): { columns: number; values: Float64Array } {
  const [columns, rows] = [width, height].map((size) => Math.ceil(size / GRID) + 1);
  const values = new Float64Array(columns * rows);
  for (let at = 0; at < values.length; at++)
    values[at] = valueAt(GRID * (at % columns), GRID * Math.floor(at / columns));
  return { columns, values };
}

function interpolate(
  { columns, values }: { columns: number; values: Float64Array },
  u: number,
  v: number,
): number {
  const [i, j] = [Math.floor(u), Math.floor(v)];
  const at = j * columns + i;
  const below = values[at] + (u - i) * (values[at + 1] - values[at]);
  const above = values[at + columns] + (u - i) * (values[at + columns + 1] - values[at + columns]);
  return below + (v - j) * (above - below);
}
