import { median } from './statistics.ts';

export interface ZeroPoint {
  /** nJy of one electron of this exposure. */
  readonly njyPerElectron: number;
  /** Relative scatter of the stars around it. */
  readonly scatter: number;
  /** Relative standard error, from that scatter. */
  readonly error: number;
  readonly starCount: number;
}

/** A star's measured flux in electrons and its catalogue flux in nJy, with their errors. */
export interface FluxPair {
  readonly flux: number;
  readonly fluxErr: number;
  readonly referenceFlux: number;
  readonly referenceFluxErr: number;
}

/** Scatter that flat-fielding and the PSF model leave in the ratio of a star, however bright. */
const SYSTEMATIC = 0.01;

/**
 * Relative error that the flux expected of a star may have: at it the stars that noise or a neighbour lifts over the
 * limit of detection (S/N 10) no longer matter. Of all stars, a tenth of them blended, the zero point is 0.10 % too low,
 * of these 0.03 %.
 */
const LARGEST_ERROR = 1 / 30;

/** With fewer stars of that precision the best of the others join them. */
const ENOUGH = 10;

const CLIP_ROUNDS = 6;

/**
 * Photometric zero point: the weighted mean of measured over catalogue flux after 3 sigma clipping around the median.
 * Which stars count and how much follows from the flux that the catalogue lets expect, not from the measured one, which
 * would favour those that noise made bright. Undefined with fewer than 3 stars.
 */
export function solveZeroPoint(pairs: readonly FluxPair[]): ZeroPoint | undefined {
  const usable = pairs.filter(({ flux, referenceFlux }) => Number.isFinite(flux) && referenceFlux > 0);
  const brightest = usable.toSorted((a, b) => b.referenceFlux - a.referenceFlux);
  const start = median(brightest.slice(0, Math.max(3, usable.length >> 1)).map(ratioOf));
  if (usable.length < 3 || !(start > 0)) return undefined;
  const stars = clip(precise(usable, start));
  if (stars.length < 3) return undefined;
  const total = stars.reduce((sum, { error }) => sum + error ** -2, 0);
  const mean = stars.reduce((sum, { ratio, error }) => sum + ratio * error ** -2, 0) / total;
  const squares = stars.map(({ ratio, error }) => ({ square: (ratio / mean - 1) ** 2, weight: error ** -2 }));
  const scatter = Math.sqrt(squares.reduce((sum, { square }) => sum + square, 0) / stars.length);
  const weighted = squares.reduce((sum, { square, weight }) => sum + weight * square, 0);
  const error = Math.sqrt(weighted / total / (stars.length - 1));
  return { njyPerElectron: 1 / mean, scatter, error, starCount: stars.length };
}

/** Electrons per nJy, and the relative error to expect of it. */
interface Ratio {
  readonly ratio: number;
  readonly error: number;
}

const ratioOf = ({ flux, referenceFlux }: FluxPair): number => flux / referenceFlux;

function precise(pairs: readonly FluxPair[], electronsPerNjy: number): Ratio[] {
  const ratios = pairs.map((pair): Ratio => {
    const own = pair.fluxErr / (pair.referenceFlux * electronsPerNjy);
    return {
      ratio: ratioOf(pair),
      error: Math.hypot(own, pair.referenceFluxErr / pair.referenceFlux, SYSTEMATIC),
    };
  });
  const best = ratios.toSorted((a, b) => a.error - b.error);
  return best.filter(({ error }, k) => k < ENOUGH || error <= LARGEST_ERROR);
}

/** Drops ratios beyond 3 of their errors, or of the scatter if that is larger, from the median until none is. */
function clip(ratios: readonly Ratio[]): readonly Ratio[] {
  let kept = ratios;
  for (let round = 0; round < CLIP_ROUNDS && kept.length >= 3; round++) {
    const centre = median(kept.map(({ ratio }) => ratio));
    const deviations = kept.map(({ ratio, error }) => Math.abs(ratio / centre - 1) / error);
    const limit = 3 * Math.max(1, 1.4826 * median(deviations));
    const next = kept.filter((_, k) => deviations[k] <= limit);
    if (next.length === kept.length) break;
    kept = next;
  }
  return kept;
}
