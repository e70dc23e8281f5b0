import type { Kernel } from './convolve.ts';
import { invertSymmetric, solveSymmetric } from './linear-algebra.ts';
import { type MaskedImage, UNMEASURED } from './masked-image.ts';
import { movePsf } from './moved-psf.ts';

export interface PointFit {
  readonly x: number;
  readonly y: number;
  readonly xErr: number;
  readonly yErr: number;
  readonly xyCov: number;
}

/** A step below this part of the centroid's error ends the fit; the next would be far smaller. */
const SETTLED = 0.05;

/**
 * Centroid of a point source by least squares of flux and position (Gauss-Newton, at most six steps) on the core of
 * the PSF. Undefined when it walks more than 2 px from the start or the core is mostly unusable there.
 */
export function fitPoint(
  image: MaskedImage,
  psf: Kernel,
  startX: number,
  startY: number,
): PointFit | undefined {
  const half = coreHalf(psf);
  let x = startX;
  let y = startY;
  for (let step = 0; ; step++) {
    if (!linearise(image, psf, half, x, y)) return undefined;
    const solution = solveSymmetric(normal, right, 0);
    if (solution === undefined) return undefined;
    // F P(x - dx) = F P - F dx P': the second and third unknown are F dx and F dy.
    const flux = solution[0];
    const dx = Math.min(1, Math.max(-1, solution[1] / flux));
    const dy = Math.min(1, Math.max(-1, solution[2] / flux));
    x += dx;
    y += dy;
    if (!(Math.hypot(x - startX, y - startY) < 2)) return undefined;
    const error = 1 / (Math.abs(flux) * Math.sqrt(normal[4]));
    if (step < 5 && Math.hypot(dx, dy) > SETTLED * error) continue;
    const covariance = invertSymmetric(normal, 3);
    if (covariance === undefined) return undefined;
    const power = flux * flux;
    return {
      x,
      y,
      xErr: Math.sqrt(covariance[4] / power),
      yErr: Math.sqrt(covariance[8] / power),
      xyCov: covariance[5] / power,
    };
  }
}

// One fit follows the other, so these serve them all.
const normal = new Float64Array(9);
const right = new Float64Array(3);

/** Normal equations of flux and shifts at (x, y); false where more than half of the PSF's core is unusable. */
function linearise(
  { width, height, image, variance, mask }: MaskedImage,
  psf: Kernel,
  half: number,
  x: number,
  y: number,
): boolean {
  const side = 2 * half + 1;
  const cx = Math.round(x);
  const cy = Math.round(y);
  const { values, slopesX, slopesY } = movePsf(psf, half, x - cx, y - cy, true);
  let [pp, pu, pv, uu, uv, vv, pd, ud, vd, covered] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const left = Math.max(0, half - cx);
  const rightmost = Math.min(side - 1, width - 1 - cx + half);
  const top = Math.min(side - 1, height - 1 - cy + half);
  for (let j = Math.max(0, half - cy); j <= top; j++) {
    let at = (cy + j - half) * width + cx - half + left;
    for (let k = j * side + left, end = j * side + rightmost; k <= end; k++, at++) {
      if ((mask[at] & UNMEASURED) !== 0 || !(variance[at] > 0)) continue;
      const p = values[k];
      const u = -slopesX[k];
      const v = -slopesY[k];
      const w = 1 / variance[at];
      const d = w * image[at];
      pp += w * p * p;
      pu += w * p * u;
      pv += w * p * v;
      uu += w * u * u;
      uv += w * u * v;
      vv += w * v * v;
      pd += p * d;
      ud += u * d;
      vd += v * d;
      covered += p;
    }
  }
  normal.set([pp, pu, pv, pu, uu, uv, pv, uv, vv]);
  right.set([pd, ud, vd]);
  return covered > 0.5;
}

const coreHalves = new WeakMap<Kernel, number>();

/** Half side of the square that holds all but a thousandth of what a PSF tells of its position, the sum of its squared slopes. */
function coreHalf(psf: Kernel): number {
  const known = coreHalves.get(psf);
  if (known !== undefined) return known;
  const { half, values } = psf;
  const side = 2 * half + 1;
  const rings = new Float64Array(half + 1);
  let total = 0;
  for (let j = 1; j < side - 1; j++) {
    for (let i = 1; i < side - 1; i++) {
      const k = j * side + i;
      const power = (values[k + 1] - values[k - 1]) ** 2 + (values[k + side] - values[k - side]) ** 2;
      rings[Math.max(Math.abs(i - half), Math.abs(j - half))] += power;
      total += power;
    }
  }
  let core = 0;
  for (let inside = rings[0]; core < half && inside < (1 - 1e-3) * total; inside += rings[core]) core++;
  coreHalves.set(psf, core);
  return core;
}
