import type { Workspace } from './workspace.ts';

/**
 * Gaussian smoothing by two passes of 2 ceil(3 sigma) + 1 taps; at the edge the weights that remain are renormalised.
 *
 * @param image in the workspace, width x height
 * @param out another plane of that size
 * @param sigma pixels
 */
export function smoothGaussian(
  workspace: Workspace,
  image: Float32Array,
  out: Float32Array,
  width: number,
  height: number,
  sigma: number,
): void {
  const taps = gaussianTaps(workspace, sigma);
  const half = taps.length - 1;
  workspace.strips('smoothRows', height, [
    image.byteOffset,
    out.byteOffset,
    width,
    height,
    taps.byteOffset,
    half,
  ]);
  workspace.release(taps);
}

/** Weights of a Gaussian by distance, 0 to ceil(3 sigma), in the workspace. */
export function gaussianTaps(workspace: Workspace, sigma: number): Float32Array {
  const taps = workspace.floats(Math.ceil(3 * sigma) + 1);
  for (let k = 0; k < taps.length; k++) taps[k] = Math.exp(-0.5 * (k / sigma) ** 2);
  return taps;
}
