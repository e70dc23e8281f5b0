import type { Kernel } from './convolve.ts';
import { shiftStamp } from './lanczos.ts';
import { invertSymmetric, solveSymmetric } from './linear-algebra.ts';
import { type MaskedImage, UNMEASURED } from './masked-image.ts';

export interface PointFit {
  readonly x: number;
  readonly y: number;
  readonly xErr: number;
  readonly yErr: number;
  readonly xyCov: number;
}

/**
 * Centroid of a point source by least squares of flux and position (Gauss-Newton, at most six steps). Undefined when
 * it walks more than 2 px from the start or the PSF is mostly unusable there.
 */
export function fitPoint(
  image: MaskedImage,
  psf: Kernel,
  startX: number,
  startY: number,
): PointFit | undefined {
  let x = startX;
  let y = startY;
  let covariance: Float64Array | undefined;
  for (let step = 0; step < 6; step++) {
    const system = linearise(image, psf, x, y);
    if (system === undefined) return undefined;
    const solution = solveSymmetric(system.normal, system.right, 0);
    covariance = invertSymmetric(system.normal, 3);
    if (solution === undefined || covariance === undefined) return undefined;
    // F P(x - dx) = F P - F dx P': the second and third unknown are F dx and F dy.
    const flux = solution[0];
    const dx = Math.min(1, Math.max(-1, solution[1] / flux));
    const dy = Math.min(1, Math.max(-1, solution[2] / flux));
    x += dx;
    y += dy;
    if (!(Math.hypot(x - startX, y - startY) < 2)) return undefined;
    covariance = covariance.map((value) => value / (flux * flux));
    if (Math.hypot(dx, dy) < 1e-3) break;
  }
  if (covariance === undefined) return undefined;
  return { x, y, xErr: Math.sqrt(covariance[4]), yErr: Math.sqrt(covariance[8]), xyCov: covariance[5] };
}

function linearise(
  { width, height, image, variance, mask }: MaskedImage,
  psf: Kernel,
  x: number,
  y: number,
): { normal: Float64Array; right: Float64Array } | undefined {
  const side = 2 * psf.half + 1;
  const cx = Math.round(x);
  const cy = Math.round(y);
  const model = shiftStamp(psf.values, side, x - cx, y - cy);
  const normal = new Float64Array(9);
  const right = new Float64Array(3);
  let covered = 0;
  for (let j = 1; j < side - 1; j++) {
    const py = cy + j - psf.half;
    if (py < 0 || py >= height) continue;
    for (let i = 1; i < side - 1; i++) {
      const px = cx + i - psf.half;
      if (px < 0 || px >= width) continue;
      const at = py * width + px;
      if ((mask[at] & UNMEASURED) !== 0 || !(variance[at] > 0)) continue;
      const k = j * side + i;
      const p = model[k];
      // P moved by +dx is P - dx P', so a shift's derivative is minus the slope.
      const u = (model[k - 1] - model[k + 1]) / 2;
      const v = (model[k - side] - model[k + side]) / 2;
      const w = 1 / variance[at];
      normal[0] += w * p * p;
      normal[1] += w * p * u;
      normal[2] += w * p * v;
      normal[4] += w * u * u;
      normal[5] += w * u * v;
      normal[8] += w * v * v;
      right[0] += w * p * image[at];
      right[1] += w * u * image[at];
      right[2] += w * v * image[at];
      covered += p;
    }
  }
  if (!(covered > 0.5)) return undefined;
  normal[3] = normal[1];
  normal[6] = normal[2];
  normal[7] = normal[5];
  return { normal, right };
}
