import { type BlendedPoint, separatePoints } from './blend.ts';
import { type Detection, findPeaks, type Peak } from './deblend.ts';
import { detectFootprints, type Footprint, REJECTED } from './detect.ts';
import type { Difference } from './difference.ts';
import type { DipoleFit } from './dipole.ts';
import { type FoundDipole, findDipoles, isOfDipole } from './dipole-search.ts';
import { MASK } from './masked-image.ts';
import { findStreaks, markStreak, type Streak, streakLevel, streakPixels } from './streak.ts';
import type { TrailFit } from './trail.ts';
import { findTrail, isOnTrail } from './trail-search.ts';

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
  /** All point sources of the footprint where it has several, and which of them this one is. */
  readonly blend?: { readonly points: readonly BlendedPoint[]; readonly own: number };
}

/**
 * Candidates of a difference: streaks first (marked in its mask; each is one candidate and takes what is on it), then from the strongest footprint on each as a dipole, a trail, which takes the other footprints along its line, or
 * its point sources. Peaks on pixels that cannot be believed are left out.
 */
export function findCandidates(difference: Difference, threshold: number): Candidate[] {
  const { image, score } = difference;
  const { width, height, mask } = image;
  const streaks = findStreaks(score, mask, width, height);
  for (const streak of streaks) markStreak(mask, width, height, streak);
  const levelAt = (x: number, y: number): number =>
    (mask[y * width + x] & MASK.STREAK) === 0
      ? 0
      : Math.max(...streaks.map((streak) => streakLevel(streak, x, y)));
  const believed = detect(difference, threshold, levelAt).flatMap(({ footprint, peaks }) => {
    const kept = peaks.filter((peak) => isBelievable(difference, peak, threshold, levelAt));
    return kept.length === 0 ? [] : [{ footprint, peaks: kept }];
  });
  believed.sort((a, b) => Math.abs(b.peaks[0].score) - Math.abs(a.peaks[0].score));
  const taken = new Set<Detection>();
  const found = believed.flatMap((detection) => {
    if (taken.has(detection)) return [];
    return explain(difference, detection, believed, taken);
  });
  return [...found, ...streaks.flatMap((streak) => streakCandidate(streak, difference, threshold))];
}

/** Footprints with their peaks; the mask learns of them. Where a streak is above the threshold there are none. */
function detect(
  { image, score, psfAt }: Difference,
  threshold: number,
  levelAt: (x: number, y: number) => number,
): Detection[] {
  const { width, height, mask } = image;
  const isTaken = (at: number): boolean => levelAt(at % width, Math.floor(at / width)) > threshold;
  return detectFootprints(score, width, height, threshold, undefined, isTaken).map((footprint) => {
    const { pixels, minX, maxX, minY, maxY } = footprint;
    for (const at of pixels) mask[at] |= score[at] > 0 ? MASK.DETECTED : MASK.DETECTED_NEGATIVE;
    const psf = psfAt(middleOfBlock((minX + maxX) / 2), middleOfBlock((minY + maxY) / 2));
    return { footprint, peaks: findPeaks(score, width, footprint, threshold, psf) };
  });
}

/**
 * Side of the blocks that share a response, whose autocorrelation takes 3 ms: over so far a PSF changes by some percent,
 * and a second peak needs a tenth of the first.
 */
const BLOCK = 1024;

function middleOfBlock(position: number): number {
  return (Math.floor(position / BLOCK) + 0.5) * BLOCK;
}

/** Beside a streak a source must rise above the threshold by twice what the streak adds: it flickers along its track. */
function isBelievable(
  { image }: Difference,
  { x, y, score }: Peak,
  threshold: number,
  levelAt: (x: number, y: number) => number,
): boolean {
  if ((image.mask[y * image.width + x] & (REJECTED | MASK.CR)) !== 0) return false;
  return Math.abs(score) > threshold + 2 * levelAt(x, y);
}

function explain(
  difference: Difference,
  detection: Detection,
  all: readonly Detection[],
  taken: Set<Detection>,
): Candidate[] {
  const { footprint, peaks } = detection;
  const { dipoles, tried } = findDipoles(difference, detection);
  const take = (isPart: (peak: Peak) => boolean): Footprint => {
    const own = all.filter(
      (other) => !taken.has(other) && (other === detection || other.peaks.every(isPart)),
    );
    for (const part of own) taken.add(part);
    return joinFootprints(own.map((part) => part.footprint));
  };
  if (dipoles.length > 0) {
    const isPart = (peak: Peak): boolean =>
      dipoles.some((dipole) => isOfDipole(dipole, peak, difference.fwhm));
    const joined = take(isPart);
    const rest = peaks.filter((peak) => !isPart(peak));
    return [
      ...dipoles.map((dipole) => dipoleCandidate(dipole, joined)),
      ...pointCandidates(difference, { footprint, peaks: rest }, tried),
    ];
  }
  const isOfOneSign = peaks.every((peak) => peak.score * peaks[0].score > 0);
  const trail = isOfOneSign ? findTrail(difference, detection) : undefined;
  if (trail === undefined) return pointCandidates(difference, detection, tried);
  const joined = take((peak) => isOnTrail(trail, peak));
  const { x, y } = trail;
  return [{ x, y, score: peaks[0].score, footprint: joined, trail, dipoleAttempted: tried.size > 0 }];
}

function dipoleCandidate({ fit, lobes }: FoundDipole, footprint: Footprint): Candidate {
  const x = (fit.positive.x + fit.negative.x) / 2;
  const y = (fit.positive.y + fit.negative.y) / 2;
  return { x, y, score: lobes[0].score, footprint, dipole: fit, dipoleAttempted: true };
}

function pointCandidates(
  { image, psfAt }: Difference,
  { footprint, peaks }: Detection,
  tried: ReadonlySet<Peak>,
): Candidate[] {
  const points = peaks.length > 1 ? separatePoints(image, psfAt, peaks) : undefined;
  return peaks.map((peak, own) => ({
    ...peak,
    footprint,
    dipoleAttempted: tried.has(peak),
    ...(points && { blend: { points, own } }),
  }));
}

/** A streak as one candidate at its middle, with its pixels above the threshold. One too faint for any is none. */
function streakCandidate(streak: Streak, { image, score }: Difference, threshold: number): Candidate[] {
  const { width, height, mask } = image;
  const pixels = streakPixels(streak, score, width, height, threshold);
  if (pixels.length === 0) return [];
  let strongest = pixels[0];
  for (const at of pixels) {
    mask[at] |= MASK.DETECTED;
    if (Math.abs(score[at]) > Math.abs(score[strongest])) strongest = at;
  }
  const clamp = (value: number, size: number): number => Math.round(Math.min(size - 1, Math.max(0, value)));
  const footprint: Footprint = {
    pixels,
    minX: clamp(Math.min(streak.x0, streak.x1), width),
    maxX: clamp(Math.max(streak.x0, streak.x1), width),
    minY: clamp(Math.min(streak.y0, streak.y1), height),
    maxY: clamp(Math.max(streak.y0, streak.y1), height),
  };
  const [x, y] = [(streak.x0 + streak.x1) / 2, (streak.y0 + streak.y1) / 2];
  return [{ x, y, score: score[strongest], footprint, streak, dipoleAttempted: false }];
}

function joinFootprints(parts: readonly Footprint[]): Footprint {
  if (parts.length === 1) return parts[0];
  const pixels = new Int32Array(parts.reduce((count, part) => count + part.pixels.length, 0));
  let to = 0;
  for (const part of parts) {
    pixels.set(part.pixels, to);
    to += part.pixels.length;
  }
  return {
    pixels: pixels.sort(),
    minX: Math.min(...parts.map((part) => part.minX)),
    maxX: Math.max(...parts.map((part) => part.maxX)),
    minY: Math.min(...parts.map((part) => part.minY)),
    maxY: Math.max(...parts.map((part) => part.maxY)),
  };
}
