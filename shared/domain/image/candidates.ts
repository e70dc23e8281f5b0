import { detectFootprints, type Footprint, type Peak, REJECTED } from './detect.ts';
import type { Difference } from './difference.ts';
import { type DipoleFit, fitDipole } from './dipole.ts';
import { addPoint, type FinePsf, refinePsf } from './fine-psf.ts';
import { solveSymmetric } from './linear-algebra.ts';
import { MASK } from './masked-image.ts';
import { fitPoint } from './point-fit.ts';
import { findStreaks, markStreak, onStreak, type Streak } from './streak.ts';
import { fitTrail, type TrailFit } from './trail.ts';
import { cutWindow, type Window } from './window.ts';

/** A source before it is measured: a peak of a footprint, and the shape that explains the footprint best. */
export interface Candidate {
  readonly x: number;
  readonly y: number;
  readonly score: number;
  readonly footprint: Footprint;
  readonly trail?: TrailFit;
  readonly streak?: Streak;
  readonly dipole?: DipoleFit;
  readonly dipoleAttempted: boolean;
}

/**
 * Candidates of a difference: streaks first (marked in its mask; each is one candidate and takes the peaks on it),
 * then each footprint as a dipole, a trail or its point sources. Peaks on pixels that cannot be believed are left out.
 */
export function findCandidates(difference: Difference, threshold: number): Candidate[] {
  const { image, score, psfAt } = difference;
  const { width, height, mask } = image;
  const streaks = findStreaks(score, mask, width, height);
  for (const streak of streaks) markStreak(mask, width, height, streak);
  const footprints = detectFootprints(score, width, height, threshold, psfAt);
  const believable = (peak: Peak): boolean => {
    const at = peak.y * width + peak.x;
    return (mask[at] & REJECTED) === 0 && (mask[at] & (MASK.CR | MASK.STREAK)) === 0;
  };
  const found = footprints.flatMap((footprint) => {
    for (const at of footprint.pixels) mask[at] |= score[at] > 0 ? MASK.DETECTED : MASK.DETECTED_NEGATIVE;
    const peaks = footprint.peaks.filter(believable);
    return peaks.length === 0 ? [] : explain(difference, { ...footprint, peaks });
  });
  return [...found, ...streaks.flatMap((streak) => streakCandidate(streak, footprints, difference))];
}

function explain(difference: Difference, footprint: Footprint): Candidate[] {
  const { image, psfAt } = difference;
  const [first] = footprint.peaks;
  const psf = refinePsf(psfAt(first.x, first.y));
  const margin = Math.ceil(psf.half / 2);
  const window = cutWindow(
    image,
    footprint.minX - margin,
    footprint.minY - margin,
    footprint.maxX + margin,
    footprint.maxY + margin,
  );
  const points = (dipoleAttempted: boolean): Candidate[] =>
    footprint.peaks.map(({ x, y, score }) => ({ x, y, score, footprint, dipoleAttempted }));
  const opposite = footprint.peaks.find((peak) => peak.score * first.score < 0);
  if (opposite !== undefined) {
    const dipole = tryDipole(difference, window, psf, first, opposite);
    if (dipole === undefined || !dipole.isDipole) return points(true);
    const x = (dipole.positive.x + dipole.negative.x) / 2;
    const y = (dipole.positive.y + dipole.negative.y) / 2;
    return [{ x, y, score: first.score, footprint, dipole, dipoleAttempted: true }];
  }
  const trail = tryTrail(difference, window, psf, footprint);
  return trail === undefined
    ? points(false)
    : [{ x: trail.x, y: trail.y, score: first.score, footprint, trail, dipoleAttempted: false }];
}

function tryDipole(
  difference: Difference,
  window: Window,
  psf: FinePsf,
  a: Peak,
  b: Peak,
): DipoleFit | undefined {
  const [positive, negative] = a.score > 0 ? [a, b] : [b, a];
  const flux = (peak: Peak): number => Math.abs(peak.score) * fluxOfScore(difference, peak);
  return fitDipole(window, psf, { ...positive, flux: flux(positive) }, { ...negative, flux: flux(negative) });
}

/** Error of the PSF flux at a peak: what one unit of score is in flux. */
function fluxOfScore({ image, psfAt }: Difference, { x, y }: Peak): number {
  const power = psfAt(x, y).values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(image.variance[y * image.width + x] / power);
}

/** The footprint must be this much longer than the one of a point of its brightness to be tried as a trail. */
const ELONGATION = 1.5;
/** A trail must better the point sources by this chi². */
const LEAST_GAIN = 25;
/** ... and describe its pixels about as well as noise allows. */
const WORST_CHI2 = 1.5;

function tryTrail(
  difference: Difference,
  window: Window,
  psf: FinePsf,
  footprint: Footprint,
): TrailFit | undefined {
  const { mask } = difference.image;
  // What a streak runs through is its part, not a trail of its own.
  if (footprint.pixels.some((at) => (mask[at] & MASK.STREAK) !== 0)) return undefined;
  const shape = footprintShape(footprint, difference);
  if (shape.axisRatio < ELONGATION || shape.length < psf.half / 2) return undefined;
  const [first] = footprint.peaks;
  const flux = first.score * fluxOfScore(difference, first) * Math.max(1, shape.length / (psf.half / 2));
  const trail = fitTrail(window, psf, {
    x: shape.x,
    y: shape.y,
    length: shape.length,
    angleRad: shape.angleRad,
    flux,
  });
  if (trail === undefined || trail.length < 3 * trail.lengthErr || trail.flux * first.score < 0)
    return undefined;
  // A fit that leaves its footprint has found something else.
  const span = Math.hypot(footprint.maxX - footprint.minX, footprint.maxY - footprint.minY);
  if (trail.length > span + psf.half || Math.hypot(trail.x - shape.x, trail.y - shape.y) > span / 2)
    return undefined;
  if (trail.chi2 > WORST_CHI2 * trail.count) return undefined;
  const points = footprint.peaks.map((peak) => {
    return fitPoint(difference.image, difference.psfAt(peak.x, peak.y), peak.x, peak.y) ?? peak;
  });
  return trail.chi2 < pointsChi2(window, psf, points) - LEAST_GAIN ? trail : undefined;
}

/** Centre, length and direction of a footprint from the moments of its score. */
function footprintShape(footprint: Footprint, { score, image }: Difference) {
  let [n, sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
  for (const at of footprint.pixels) {
    const w = Math.min(Math.abs(score[at]), 20);
    const x = at % image.width;
    const y = Math.floor(at / image.width);
    n += w;
    sx += w * x;
    sy += w * y;
    sxx += w * x * x;
    syy += w * y * y;
    sxy += w * x * y;
  }
  const [x, y] = [sx / n, sy / n];
  const [cxx, cyy, cxy] = [sxx / n - x * x, syy / n - y * y, sxy / n - x * y];
  const spread = Math.hypot((cxx - cyy) / 2, cxy);
  const major = (cxx + cyy) / 2 + spread;
  const minor = Math.max(0.3, (cxx + cyy) / 2 - spread);
  return {
    x,
    y,
    angleRad: 0.5 * Math.atan2(2 * cxy, cxx - cyy),
    length: Math.sqrt(12 * Math.max(0.1, major - minor)),
    axisRatio: Math.sqrt(major / minor),
  };
}

/** chi² of the best fluxes of point sources at the peaks. */
function pointsChi2(window: Window, psf: FinePsf, peaks: readonly { x: number; y: number }[]): number {
  const columns = peaks.map(({ x, y }) => {
    const column = new Float64Array(window.data.length);
    addPoint(column, window, psf, x, y, 1);
    return column;
  });
  const n = columns.length;
  const normal = new Float64Array(n * n);
  const right = new Float64Array(n);
  let chi2 = 0;
  for (let i = 0; i < window.data.length; i++) {
    const weight = window.weights[i];
    if (weight === 0) continue;
    chi2 += weight * window.data[i] ** 2;
    for (let k = 0; k < n; k++) {
      right[k] += weight * columns[k][i] * window.data[i];
      for (let l = 0; l < n; l++) normal[k * n + l] += weight * columns[k][i] * columns[l][i];
    }
  }
  const fluxes = solveSymmetric(normal, right);
  if (fluxes === undefined) return chi2;
  return chi2 - fluxes.reduce((sum, flux, k) => sum + flux * right[k], 0);
}

/** A streak as one candidate at its middle, with all pixels of the footprints on it. Streaks too faint for any are none. */
function streakCandidate(
  streak: Streak,
  footprints: readonly Footprint[],
  { image }: Difference,
): Candidate[] {
  const own = footprints.filter(({ peaks }) => peaks.some((peak) => onStreak(streak, peak.x, peak.y)));
  if (own.length === 0) return [];
  const peaks = own
    .flatMap((footprint) => footprint.peaks)
    .filter((peak) => onStreak(streak, peak.x, peak.y));
  peaks.sort((a, b) => Math.abs(b.score) - Math.abs(a.score));
  const clampX = (x: number): number => Math.round(Math.min(image.width - 1, Math.max(0, x)));
  const clampY = (y: number): number => Math.round(Math.min(image.height - 1, Math.max(0, y)));
  const footprint: Footprint = {
    pixels: Int32Array.from(own.flatMap(({ pixels }) => [...pixels])),
    minX: clampX(Math.min(streak.x0, streak.x1)),
    maxX: clampX(Math.max(streak.x0, streak.x1)),
    minY: clampY(Math.min(streak.y0, streak.y1)),
    maxY: clampY(Math.max(streak.y0, streak.y1)),
    peaks,
  };
  const [x, y] = [(streak.x0 + streak.x1) / 2, (streak.y0 + streak.y1) / 2];
  return [{ x, y, score: peaks[0].score, footprint, streak, dipoleAttempted: false }];
}
