import { median } from './statistics.ts';

export interface ZeroPoint {
  /** nJy of one electron of this exposure. */
  readonly njyPerElectron: number;
  /** Relative scatter of the stars around it. */
  readonly scatter: number;
  readonly starCount: number;
}

/** Scatter that flat-fielding and the PSF model leave in the ratio of a star, however bright. */
const SYSTEMATIC = 0.01;

/**
 * Photometric zero point: the weighted mean of reference flux over measured flux after 3 sigma clipping around the
 * median. Undefined with fewer than 3 stars.
 *
 * @param pairs measured flux in electrons with its error, catalogue flux in nJy with its error
 */
export function solveZeroPoint(
  pairs: readonly { flux: number; fluxErr: number; referenceFlux: number; referenceFluxErr: number }[],
): ZeroPoint | undefined {
  let stars = pairs
    .filter(({ flux, referenceFlux }) => flux > 0 && referenceFlux > 0)
    .map(({ flux, fluxErr, referenceFlux, referenceFluxErr }) => ({
      ratio: referenceFlux / flux,
      weight: 1 / ((fluxErr / flux) ** 2 + (referenceFluxErr / referenceFlux) ** 2 + SYSTEMATIC ** 2),
    }));
  for (let round = 0; round < 4 && stars.length >= 3; round++) {
    const centre = median(stars.map(({ ratio }) => ratio));
    const deviations = stars.map(({ ratio, weight }) => Math.abs(ratio / centre - 1) * Math.sqrt(weight));
    const limit = 3 * Math.max(1, 1.4826 * median(deviations));
    stars = stars.filter((_, i) => deviations[i] <= limit);
  }
  if (stars.length < 3) return undefined;
  const total = stars.reduce((sum, { weight }) => sum + weight, 0);
  const njyPerElectron = stars.reduce((sum, { ratio, weight }) => sum + ratio * weight, 0) / total;
  const scatter = Math.sqrt(
    stars.reduce((sum, { ratio }) => sum + (ratio / njyPerElectron - 1) ** 2, 0) / stars.length,
  );
  return { njyPerElectron, scatter, starCount: stars.length };
}
