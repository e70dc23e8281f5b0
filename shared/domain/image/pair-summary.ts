import { MASK } from './masked-image.ts';
import type { FrameFacts, PairResult } from './pair.ts';

/** What summary.json says of a difference. */
export function summarisePair(
  result: PairResult,
  given: {
    readonly science: string;
    readonly template: string;
    readonly dateObs: string | undefined;
    readonly facts: { readonly science: FrameFacts; readonly template: FrameFacts };
  },
) {
  const { difference, match, psf, sources } = result;
  const { mask, width, height } = difference.image;
  const unusable = MASK.BAD | MASK.SAT | MASK.NO_DATA | MASK.SUSPECT | MASK.EDGE;
  let masked = 0;
  for (let at = 0; at < mask.length; at++) if ((mask[at] & unusable) !== 0) masked++;
  return {
    science: given.science,
    template: given.template,
    dateObs: given.dateObs ?? null,
    facts: given.facts,
    width,
    height,
    unit: result.unit,
    warped: result.warped,
    templateScale: result.templateScale,
    convolved: match.direction,
    fwhmPixels: { science: psf.fwhm, template: result.templateFwhm, difference: difference.fwhm },
    psfStars: psf.starCount,
    psfOrder: psf.order,
    kernel: {
      stamps: match.kernel.stampCount,
      order: match.kernel.order,
      functions: match.kernel.basis.functions.length,
      sum: match.kernel.sum,
      sumScatter: match.kernel.sumScatter,
      chi2: match.kernel.chi2,
      condition: match.kernel.condition,
    },
    varianceFrom: result.varianceFrom,
    skySigma: result.skySigma,
    emptySigma: result.emptySigma,
    scoreSigma: difference.scoreSigma,
    cosmicRayPixels: difference.cosmicRayPixels,
    maskedFraction: masked / mask.length,
    sources: {
      positive: sources.filter(({ isNegative }) => isNegative !== true).length,
      negative: sources.filter(({ isNegative }) => isNegative === true).length,
      dipoles: sources.filter(({ isDipole }) => isDipole === true).length,
    },
  };
}
