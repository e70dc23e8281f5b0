import type { Wcs } from '../sky/wcs.ts';
import { type CalibratedExposure, calibrateExposure, type DetectorInput } from './calibrate-exposure.ts';
import { cutStamps } from './cutouts.ts';
import { type Difference, subtractTemplate } from './difference.ts';
import type { MaskedImage } from './masked-image.ts';
import type { Scene } from './measure.ts';
import { measureAll } from './measure-all.ts';
import type { MeasuredSource } from './measured-source.ts';
import { rowsOfPlanes, writeProduct } from './products.ts';
import { psfAt } from './psf.ts';
import { type Quality, refusalOf, residualRatio } from './quality.ts';
import { ImageRefused } from './refusal.ts';
import { matchTemplate } from './star-field.ts';
import { type Stopwatch, startStopwatch } from './stopwatch.ts';
import { warpTemplates } from './warp-templates.ts';
import type { Workspace } from './workspace.ts';

export type { DetectorInput } from './calibrate-exposure.ts';
export type { MeasuredSource } from './measured-source.ts';
export type { Quality } from './quality.ts';
export type { ReferenceStar } from './reference-star.ts';

export type DetectorResult =
  | {
      readonly outcome: 'measured';
      /** Ordered by (y, x). */
      readonly sources: readonly MeasuredSource[];
      readonly wcs: Wcs;
      readonly quality: Quality;
      /** FITS: IMAGE, VARIANCE, MASK and PSF in nJy, with world coordinates. */
      readonly products: { readonly difference: Uint8Array; readonly calibrated: Uint8Array };
      /** Milliseconds by stage; filled by the caller's clock where it gives one. */
      readonly timingMs: Readonly<Record<string, number>>;
    }
  | { readonly outcome: 'refused'; readonly reason: string; readonly quality: Partial<Quality> };

/**
 * Raw bytes to measured sources: signature, background, PSF, astrometry, zero point, template, kernel, difference,
 * detection, measurement, stamps, quality gate. A detector that cannot be measured is refused with its reason; bytes
 * that are no FITS throw FitsError.
 *
 * @param workspace holds the planes meanwhile; what was in it is gone
 * @param clock milliseconds from any origin, for timingMs
 */
export function processDetector(
  workspace: Workspace,
  input: DetectorInput,
  clock: () => number = () => 0,
): DetectorResult {
  const notes = {};
  workspace.clear();
  try {
    return measureDetector(input, notes, startStopwatch(clock));
  } catch (error) {
    if (error instanceof ImageRefused) return { outcome: 'refused', reason: error.message, quality: notes };
    throw error;
  }
}

function measureDetector(input: DetectorInput, notes: Partial<Quality>, watch: Stopwatch): DetectorResult {
  const { stage, timingMs } = watch;
  const exposure = calibrateExposure(input, notes, watch);
  const { science, psf, wcs, sourceVariance, rotPaDeg } = exposure;
  const { difference, quality } = differenceExposure(input, exposure, notes, watch);
  const reason = refusalOf(quality);
  if (reason !== undefined) return { outcome: 'refused', reason, quality };
  const scene: Scene = { difference, science, psf, wcs, sourceVariance };
  const measured = stage('measure', () => measureAll(scene, input.config.threshold));
  const calibrated = withSourceVariance(science, sourceVariance);
  const sources = stage('stamps', () =>
    measured.map((source) => ({ ...source, stamps: cutStamps(scene, calibrated, source, rotPaDeg) })),
  );
  const products = stage('products', () => {
    const common = { wcs, unit: 'nJy', sourceVariance };
    return {
      difference: writeProduct({ ...common, rows: rowsOfPlanes(difference.image), psfAt: difference.psfAt }),
      calibrated: writeProduct({
        ...common,
        rows: rowsOfPlanes(calibrated),
        psfAt: (x, y) => psfAt(psf, x, y),
      }),
    };
  });
  return { outcome: 'measured', sources, wcs, quality, products, timingMs };
}

/** Template, kernel, difference and what they say of their quality. The template's own planes end here. */
function differenceExposure(
  { templates, config }: DetectorInput,
  { science, field, psf, wcs, sourceVariance, quality }: CalibratedExposure,
  notes: Partial<Quality>,
  { stage }: Stopwatch,
): { difference: Difference; quality: Quality } {
  const { template, fraction } = stage('template', () =>
    warpTemplates(templates, science, wcs, config.templateFraction),
  );
  Object.assign(notes, { templateFraction: fraction } satisfies Partial<Quality>);
  const { match, templateFwhm } = stage('kernel', () => matchTemplate(science, template, field));
  const difference = stage('difference', () =>
    subtractTemplate(science, template, match, psf, sourceVariance, field.stars),
  );
  const { direction, kernel } = match;
  return {
    difference,
    quality: {
      ...quality,
      templateFraction: fraction,
      templateFwhmArcsec: templateFwhm * (quality.fwhmArcsec / psf.fwhm),
      convolved: direction,
      kernelStamps: kernel.stampCount,
      kernelOrder: kernel.order,
      kernelSum: kernel.sum,
      kernelSumScatter: kernel.sumScatter,
      kernelChi2: kernel.chi2,
      residualRatio: residualRatio(difference, field.stars),
      scoreSigma: difference.scoreSigma,
      cosmicRayPixels: quality.cosmicRayPixels + difference.cosmicRayPixels,
    },
  };
}

/** The calibrated image with the photon noise of its sources in the variance. */
function withSourceVariance(science: MaskedImage, sourceVariance: number): MaskedImage {
  const variance = science.variance.map((value, i) => value + Math.max(0, science.image[i]) * sourceVariance);
  return { ...science, variance };
}
