import { gaussianTaps } from './smooth.ts';
import type { Workspace } from './workspace.ts';

/** Columns that `growAcrossColumns` takes at a time. */
const BLOCK = 1024;

/** Grows every pixel of `bit` by a square of the given radius, in place. */
export function growMask(
  workspace: Workspace,
  mask: Uint16Array,
  width: number,
  height: number,
  bit: number,
  radius: number,
): void {
  workspace.strips('growAlongRows', height, [mask.byteOffset, width, bit, radius]);
  workspace.strips('growAcrossColumns', Math.ceil(width / BLOCK), [
    ...[mask.byteOffset, width, height, bit, radius],
  ]);
}

/** Sigma of the smoothing under which something is searched, pixels: about the noise-matched one for seeing of 4 px. */
const SMOOTHING = 2;

/**
 * Sets `bit` where the image, smoothed by a Gaussian of 2 px, exceeds 3 sigma in either direction.
 *
 * @param variance of the unsmoothed image, whose noise is white
 */
export function markDetected(
  workspace: Workspace,
  image: Float32Array,
  variance: Float32Array,
  mask: Uint16Array,
  width: number,
  height: number,
  bit: number,
): void {
  const taps = gaussianTaps(workspace, SMOOTHING);
  // The smoothing lowers white noise by 2 sqrt(pi) sigma.
  const limit = (3 / (2 * Math.sqrt(Math.PI) * SMOOTHING)) ** 2;
  workspace.strips('detectedRows', height, [
    ...[image.byteOffset, variance.byteOffset, mask.byteOffset, width, height],
    ...[taps.byteOffset, taps.length - 1, limit, bit],
  ]);
  workspace.release(taps);
}
