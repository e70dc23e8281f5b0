import { type Band, bandAround, type Line } from './band.ts';
import type { Detection, Peak } from './deblend.ts';
import type { Difference } from './difference.ts';
import { type FinePsf, fineValue, refinePsf } from './fine-psf.ts';
import { isophotalMoments } from './isophotal.ts';
import { solveSymmetric } from './linear-algebra.ts';
import { MASK } from './masked-image.ts';
import { fitPoint } from './point-fit.ts';
import { fitTrail, type TrailFit } from './trail.ts';

/** A trail of S/N 20 over 60 px has a score of 5 along its line: above this it seldom breaks, noise seldom rises. */
const LOW = 2.5;

/** Half side of the square around a detection in which its trail is looked for, pixels. */
const FARTHEST = 127;

/**
 * A region of one peak must be this much longer than wide to be tried as a trail, one that noise shapes little less. One
 * of several peaks is always tried: of trails of 10 px, 2.5 FWHM, one in ten is shorter than 1.2 times its width.
 */
const ELONGATION = 1.6;
const ELONGATION_OF_BRIGHT = 1.3;
const BRIGHT = 12;
/** Below it a region's direction is noise, and its two strongest peaks tell it. */
const ROUND = 1.2;

/** One point source must be bettered by this chi², or 2 % of points with noise beside them become trails. */
const GAIN_OVER_ONE = 25;
/** What a parameter of the model is worth in chi²: several points have three each, a trail five. */
const WORTH_OF_A_PARAMETER = 6;
/** A fit that starts with a chi² so far from what it must reach is not tried. */
const HOPE = 60;
/** A trail must describe its pixels about as well as noise allows. */
const WORST_CHI2 = 1.5;

/** The trail that explains a detection better than its point sources, if there is one. */
export function findTrail(difference: Difference, { footprint, peaks }: Detection): TrailFit | undefined {
  const { image, psfAt, fwhm } = difference;
  // What a streak runs through is its part, not a trail of its own.
  if (footprint.pixels.some((at) => (image.mask[at] & MASK.STREAK) !== 0)) return undefined;
  const [first] = peaks;
  const region = growRegion(difference, footprint.pixels, first);
  const shape = regionShape(region, difference);
  const least = Math.abs(first.score) < BRIGHT ? ELONGATION : ELONGATION_OF_BRIGHT;
  if (peaks.length === 1 && shape.axisRatio < least) return undefined;
  const line = shape.axisRatio < ROUND ? { ...shape.line, angleRad: directionOf(peaks) } : shape.line;
  const psf = refinePsf(psfAt(first.x, first.y));
  const band = bandAround(image, { ...line, length: 1.35 * line.length }, 1.5 * fwhm);
  const points = peaks.map(({ x, y }) => fitPoint(image, psfAt(x, y), x, y) ?? { x, y });
  const spare = points.length === 1 ? -GAIN_OVER_ONE : WORTH_OF_A_PARAMETER * (3 * points.length - 5);
  const most = pointsChi2(band, psf, points) + spare;
  const trail = fitTrail(band, psf, line, most + HOPE);
  if (
    trail === undefined ||
    trail.chi2 >= most ||
    trail.length < 3 * trail.lengthErr ||
    trail.flux * first.score < 0
  )
    return undefined;
  // A fit that leaves its region has found something else.
  if (
    trail.length > 1.5 * line.length + 2 * fwhm ||
    Math.hypot(trail.x - line.x, trail.y - line.y) > line.length / 2 + fwhm
  )
    return undefined;
  return trail.chi2 > WORST_CHI2 * trail.count ? undefined : trail;
}

function directionOf([a, b]: readonly Peak[]): number {
  return Math.atan2(b.y - a.y, b.x - a.x);
}

/** Whether a peak belongs to a trail: within 5 px of its line, and 5 px of its ends. */
export function isOnTrail({ x, y, length, angleRad, flux }: TrailFit, peak: Peak): boolean {
  const [dx, dy] = [peak.x - x, peak.y - y];
  const along = dx * Math.cos(angleRad) + dy * Math.sin(angleRad);
  const across = dx * Math.sin(angleRad) - dy * Math.cos(angleRad);
  return peak.score * flux > 0 && Math.abs(along) < length / 2 + 5 && Math.abs(across) < 5;
}

const SIDE = 2 * FARTHEST + 1;

// One region is grown after the other: a blank square serves them all.
const seen = new Uint8Array(SIDE * SIDE);

/** Pixels of the score of one sign above LOW that are connected, across gaps of a pixel, with a footprint. */
function growRegion({ score, image }: Difference, seeds: Int32Array, first: Peak): Int32Array {
  const { width, height, mask } = image;
  const sign = Math.sign(first.score);
  const [left, bottom] = [Math.max(0, first.x - FARTHEST), Math.max(0, first.y - FARTHEST)];
  const [right, top] = [Math.min(width - 1, first.x + FARTHEST), Math.min(height - 1, first.y + FARTHEST)];
  const region: number[] = [];
  const visited: number[] = [];
  const visit = (minX: number, maxX: number, minY: number, maxY: number): void => {
    for (let y = Math.max(bottom, minY); y <= Math.min(top, maxY); y++) {
      for (let x = Math.max(left, minX); x <= Math.min(right, maxX); x++) {
        const place = (y - bottom) * SIDE + x - left;
        if (seen[place] === 1) continue;
        seen[place] = 1;
        visited.push(place);
        const at = y * width + x;
        if (sign * score[at] > LOW && (mask[at] & MASK.STREAK) === 0) region.push(at);
      }
    }
  };
  for (const at of seeds) {
    const x = at % width;
    const y = (at - x) / width;
    visit(x, x, y, y);
  }
  for (let k = 0; k < region.length; k++) {
    const x = region[k] % width;
    const y = (region[k] - x) / width;
    visit(x - 2, x + 2, y - 2, y + 2);
  }
  for (const place of visited) seen[place] = 0;
  return Int32Array.from(region);
}

/** Middle, length and direction of a region from the moments of its score. */
function regionShape(region: Int32Array, { score, image }: Difference): { line: Line; axisRatio: number } {
  const weightAt = (at: number): number => Math.min(Math.abs(score[at]), 20);
  const { x, y, ixx, iyy, ixy } = isophotalMoments(region, image.width, weightAt);
  const spread = Math.hypot((ixx - iyy) / 2, ixy);
  const major = (ixx + iyy) / 2 + spread;
  const minor = Math.max(0.3, (ixx + iyy) / 2 - spread);
  return {
    line: {
      x,
      y,
      angleRad: 0.5 * Math.atan2(2 * ixy, ixx - iyy),
      length: Math.sqrt(12 * Math.max(0.1, major - minor)),
    },
    axisRatio: Math.sqrt(major / minor),
  };
}

/** chi² of the best fluxes of point sources at the peaks. */
function pointsChi2(band: Band, psf: FinePsf, points: readonly { x: number; y: number }[]): number {
  const n = points.length;
  const normal = new Float64Array(n * n);
  const right = new Float64Array(n);
  const values = new Float64Array(n);
  let chi2 = 0;
  for (let i = 0; i < band.count; i++) {
    const weight = band.weights[i];
    chi2 += weight * band.data[i] ** 2;
    for (let k = 0; k < n; k++) {
      values[k] = fineValue(psf, band.xs[i] - points[k].x, band.ys[i] - points[k].y);
      right[k] += weight * values[k] * band.data[i];
      for (let l = 0; l <= k; l++) normal[k * n + l] += weight * values[k] * values[l];
    }
  }
  for (let k = 0; k < n; k++) for (let l = 0; l < k; l++) normal[l * n + k] = normal[k * n + l];
  const fluxes = solveSymmetric(normal, right);
  if (fluxes === undefined) return chi2;
  return chi2 - fluxes.reduce((sum, flux, k) => sum + flux * right[k], 0);
}
