import type { Wcs } from '../sky/wcs.ts';
import { assembleTemplate } from './assemble-template.ts';
import { type CalibratedExposure, calibrateExposure, type DetectorInput } from './calibrate-exposure.ts';
import { cutStamps } from './cutouts.ts';
import { type Difference, subtractTemplate } from './difference.ts';
import { MASK } from './masked-image.ts';
import { matchInNjy } from './match-in-njy.ts';
import type { Scene } from './measure.ts';
import { measureAll } from './measure-all.ts';
import type { MeasuredSource } from './measured-source.ts';
import { skyPlane } from './patch.ts';
import { type ProductRows, rowsOfPlanes, writeProduct } from './products.ts';
import { psfAt } from './psf.ts';
import { type Quality, refusalOf, residualRatio } from './quality.ts';
import { ImageRefused, nameFile } from './refusal.ts';
import type { ScienceImage } from './sky-images.ts';
import { type Stopwatch, startStopwatch } from './stopwatch.ts';
import { typicalVariance } from './typical-variance.ts';
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
      /** Planes of the workspace, valid until its next use: what a preview shows, with the sky's sigma in the difference. */
      readonly planes: {
        readonly width: number;
        readonly height: number;
        readonly science: Float32Array;
        readonly matched: Float32Array;
        readonly difference: Float32Array;
        readonly sigma: number;
      };
      /** Milliseconds by stage; filled by the caller's clock where it gives one. */
      readonly timingMs: Readonly<Record<string, number>>;
    }
  | { readonly outcome: 'refused'; readonly reason: string; readonly quality: Partial<Quality> };

/**
 * Raw bytes to measured sources: signature, background, PSF, astrometry, zero point, template, kernel, difference,
 * detection, measurement, stamps, quality gate. A detector that cannot be measured is refused with its reason, one whose
 * files are no FITS too.
 *
 * @param workspace holds the planes meanwhile; what was in it is gone
 * @param clock milliseconds from any origin, for timingMs
 * @param onStage is told each stage's name as it begins
 */
export function processDetector(
  workspace: Workspace,
  input: DetectorInput,
  clock: () => number = () => 0,
  onStage?: (name: string) => void,
): DetectorResult {
  const notes = {};
  workspace.clear();
  try {
    return measureDetector(workspace, input, notes, startStopwatch(clock, onStage));
  } catch (error) {
    if (error instanceof ImageRefused) return { outcome: 'refused', reason: error.message, quality: notes };
    throw error;
  }
}

function measureDetector(
  workspace: Workspace,
  input: DetectorInput,
  notes: Partial<Quality>,
  watch: Stopwatch,
): DetectorResult {
  const { stage, timingMs } = watch;
  const exposure = calibrateExposure(workspace, input, notes, watch);
  const { psf, wcs, rotPaDeg } = exposure;
  const { science, difference, quality } = differenceExposure(workspace, input, exposure, notes, watch);
  const sourceVariance = quality.njyPerElectron;
  const reason = refusalOf(quality);
  if (reason !== undefined) return { outcome: 'refused', reason, quality };
  const scene = { difference, science, psf, wcs, sourceVariance };
  const measured = stage('measure', () => measureAll(scene, input.config.threshold));
  workspace.release(difference.score);
  const sources = stage('stamps', () =>
    measured.map((source) => ({ ...source, stamps: cutStamps(scene, source, rotPaDeg) })),
  );
  const products = stage('products', () => writeProducts(workspace, scene, input.productCards));
  const planes = {
    width: science.width,
    height: science.height,
    science: science.image,
    matched: difference.matched.image,
    difference: difference.image.image,
    sigma: Math.sqrt(typicalVariance(skyPlane(difference.image))),
  };
  return { outcome: 'measured', sources, wcs, quality, products, planes, timingMs };
}

/** Template, kernel, difference and what they say of their quality. The template's own planes end here. */
function differenceExposure(
  workspace: Workspace,
  { templates, config }: DetectorInput,
  exposure: CalibratedExposure,
  notes: Partial<Quality>,
  { stage }: Stopwatch,
): { science: ScienceImage; difference: Difference; quality: Quality } {
  const { electrons, field, psf, wcs, quality } = exposure;
  const { template, fraction } = stage('template', () =>
    nameFile('a template', () =>
      assembleTemplate(workspace, templates, electrons, wcs, config.templateFraction),
    ),
  );
  Object.assign(notes, { templateFraction: fraction } satisfies Partial<Quality>);
  const { science, njyPerElectron, match, templateFwhm } = stage('kernel', () =>
    matchInNjy(workspace, exposure, template),
  );
  Object.assign(notes, { njyPerElectron } satisfies Partial<Quality>);
  const difference = stage('difference', () =>
    subtractTemplate(workspace, science, template, match, psf, njyPerElectron, field.stars),
  );
  const { direction, kernel } = match;
  return {
    science,
    difference,
    quality: {
      ...quality,
      njyPerElectron,
      templateFraction: fraction,
      templateFwhmArcsec: templateFwhm * (quality.fwhmArcsec / psf.fwhm),
      convolved: direction,
      kernelStamps: kernel.stampCount,
      kernelOrder: kernel.order,
      kernelSum: kernel.sum,
      kernelSumScatter: kernel.sumScatter,
      kernelChi2: kernel.chi2,
      kernelCondition: kernel.condition,
      residualRatio: residualRatio(difference, field.stars),
      scoreSigma: difference.scoreSigma,
      cosmicRayPixels: quality.cosmicRayPixels + difference.cosmicRayPixels,
    },
  };
}

/** Bits of a calibrated image: what its template and the difference brought are not its own. */
const CALIBRATED = MASK.BAD | MASK.SAT | MASK.INTRP | MASK.CR | MASK.NO_DATA;

/** The difference and the calibrated image, the latter with the photon noise of its sources in the variance. */
function writeProducts(
  workspace: Workspace,
  {
    difference: { image: difference, psfAt: differencePsfAt },
    science,
    psf,
    wcs,
    sourceVariance,
  }: Scene & { readonly science: ScienceImage },
  cards: DetectorInput['productCards'],
): { difference: Uint8Array; calibrated: Uint8Array } {
  const { width, height, image, mask } = science;
  const variance = workspace.floats(width * height);
  science.fillVariance(workspace, variance);
  workspace.strips('sourceRows', height, [variance.byteOffset, image.byteOffset, width, sourceVariance]);
  const rowOf = <T>(plane: { subarray(from: number, to: number): T }, y: number): T =>
    plane.subarray(y * width, (y + 1) * width);
  const rows: ProductRows = {
    width,
    height,
    image: (y, out) => out.set(rowOf(image, y)),
    variance: (y, out) => out.set(rowOf(variance, y)),
    mask: (y, out) => {
      for (let x = 0, at = y * width; x < width; x++, at++) out[x] = mask[at] & CALIBRATED;
    },
  };
  const common = { cards, wcs, unit: 'nJy', sourceVariance };
  const products = {
    difference: writeProduct({ ...common, rows: rowsOfPlanes(difference), psfAt: differencePsfAt }),
    calibrated: writeProduct({ ...common, rows, psfAt: (x, y) => psfAt(psf, x, y) }),
  };
  workspace.release(variance);
  return products;
}
