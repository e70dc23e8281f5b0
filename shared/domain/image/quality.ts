import type { Difference } from './difference.ts';
import { UNUSABLE } from './masked-image.ts';
import type { Direction } from './match-kernels.ts';
import type { VarianceSource } from './sky-noise.ts';
import { median } from './statistics.ts';

/** What was measured about a detector on the way; kept with its result whether it is published or refused. */
export interface Quality {
  /** False for a frame without overscan, which is taken as reduced. */
  readonly signatureRemoved: boolean;
  readonly skyElectrons: number;
  readonly skyRmsElectrons: number;
  readonly varianceFrom: VarianceSource;
  readonly fwhmArcsec: number;
  readonly psfStars: number;
  readonly psfOrder: number;
  /** Null where the header's coordinates were kept. */
  readonly astrometricRmsArcsec: number | null;
  readonly matchedStars: number;
  readonly njyPerElectron: number;
  readonly zeroPointScatter: number | null;
  readonly templateFraction: number;
  readonly templateFwhmArcsec: number;
  readonly convolved: Direction;
  readonly kernelStamps: number;
  readonly kernelOrder: number;
  readonly kernelSum: number;
  readonly kernelSumScatter: number;
  readonly kernelChi2: number;
  /** Condition number of the kernel's normal equations, from below. */
  readonly kernelCondition: number;
  /** Median over bright stars of residual power over template power in the difference. */
  readonly residualRatio: number;
  /** Robust sigma of the score before it was divided out. */
  readonly scoreSigma: number;
  readonly cosmicRayPixels: number;
}

/**
 * Limits of the gate (ip_diffim's for the residuals; the others with the room that real, resampled frames need: the
 * DECam pairs have a score sigma of 0.9 to 1.2).
 */
const LIMITS = {
  residualRatio: 0.2,
  kernelSumScatter: 0.1,
  scoreSigma: [0.75, 1.35],
  kernelSum: [0.67, 1.5],
  // ip_diffim's maxConditionNumber; whole scenes have 6e4 to 2e5, DECam's small frames 100.
  kernelCondition: 5e7,
} as const;

/** Why a difference must not be published; undefined when it may. */
export function refusalOf(quality: Quality): string | undefined {
  const { residualRatio, kernelSumScatter, scoreSigma, kernelSum, kernelCondition } = quality;
  const text = (value: number): string => value.toFixed(3);
  if (!(residualRatio <= LIMITS.residualRatio)) {
    return `stars leave ${text(residualRatio)} of their power in the difference, more than ${LIMITS.residualRatio}`;
  }
  if (!(kernelSumScatter <= LIMITS.kernelSumScatter)) {
    return `the photometric scale of the stamps scatters by ${text(kernelSumScatter)}, more than ${LIMITS.kernelSumScatter}`;
  }
  if (!(kernelCondition <= LIMITS.kernelCondition)) {
    return `the stars do not determine the matching kernel: its equations have a condition number of ${kernelCondition.toExponential(1)}`;
  }
  if (!(scoreSigma >= LIMITS.scoreSigma[0] && scoreSigma <= LIMITS.scoreSigma[1])) {
    return `the noise is ${text(scoreSigma)} of what the variance says, outside ${LIMITS.scoreSigma.join(' to ')}`;
  }
  if (!(kernelSum >= LIMITS.kernelSum[0] && kernelSum <= LIMITS.kernelSum[1])) {
    return `image and template differ by a factor ${text(kernelSum)} in flux, outside ${LIMITS.kernelSum.join(' to ')}`;
  }
  return undefined;
}

/**
 * Residual power over template power within a FWHM of the brightest 50 stars, noise taken off: the median, since a
 * single star that the template lacks, which is what we are looking for, has hundreds of times the template's power.
 */
export function residualRatio(
  { image, matched, fwhm }: Difference,
  stars: readonly { x: number; y: number }[],
): number {
  const { width, height, variance, mask } = image;
  const ratios: number[] = [];
  const radius = Math.ceil(fwhm);
  for (const star of stars.slice(0, 50)) {
    let residual = 0;
    let power = 0;
    for (let y = Math.round(star.y) - radius; y <= Math.round(star.y) + radius; y++) {
      for (let x = Math.round(star.x) - radius; x <= Math.round(star.x) + radius; x++) {
        const at = y * width + x;
        if (x < 0 || y < 0 || x >= width || y >= height || (mask[at] & UNUSABLE) !== 0) continue;
        residual += image.image[at] ** 2 - variance[at];
        power += matched.image[at] ** 2;
      }
    }
    if (power > 0) ratios.push(Math.max(0, residual) / power);
  }
  return ratios.length === 0 ? 0 : median(ratios);
}
