import { chooseBasis } from './kernel-basis.ts';
import { fitKernel, type MatchingKernel } from './kernel-fit.ts';
import { buildStamps, stampPositions } from './kernel-stamps.ts';
import type { SkyPlane } from './patch.ts';
import { ImageRefused } from './refusal.ts';
import type { Workspace } from './workspace.ts';

/** Which image the kernel was fitted to convolve. */
export type Direction = 'template' | 'science';

export interface Match {
  readonly direction: Direction;
  readonly kernel: MatchingKernel;
}

/** Model error of a stamp's pixels: 1 % of their flux, so that no bright star rules the fit. */
const FLUX_ERROR = 0.01;

/**
 * The kernel that makes one image like the other. Direction: the template is convolved when the science FWHM is at
 * least 0.82 of the template's, else the science image; between 0.75 and 1.0 both are fitted and the smaller chi²
 * counts.
 *
 * @param objects where the stamps may be, brightest first
 * @throws ImageRefused when fewer than 3 stamps are usable
 */
export function matchKernels(
  workspace: Workspace,
  science: SkyPlane,
  template: SkyPlane,
  objects: readonly { x: number; y: number }[],
  scienceFwhm: number,
  templateFwhm: number,
): Match {
  const ratio = scienceFwhm / templateFwhm;
  const matchIn = (direction: Direction): Match | undefined => {
    const [source, target] = direction === 'template' ? [template, science] : [science, template];
    const [from, to] = direction === 'template' ? [templateFwhm, scienceFwhm] : [scienceFwhm, templateFwhm];
    const positions = stampPositions(objects, target, source, 10);
    const basis = chooseBasis(from, to, positions.length);
    const stamps = buildStamps(workspace, source, target, basis, positions, stampWeight(noiseKept(from, to)));
    const kernel = fitKernel(workspace, stamps, science.width, science.height);
    return kernel === undefined || !(kernel.sum > 0) ? undefined : { direction, kernel };
  };
  const preferred: Direction = ratio >= 0.82 ? 'template' : 'science';
  const first = matchIn(preferred);
  const second =
    ratio >= 0.75 && ratio <= 1 ? matchIn(preferred === 'template' ? 'science' : 'template') : undefined;
  const better =
    second !== undefined && (first === undefined || second.kernel.chi2 < first.kernel.chi2) ? second : first;
  if (better === undefined) {
    throw new ImageRefused('fewer than 3 usable stars to match the template to the image (minKernelSources)');
  }
  return better;
}

/** Part of the source's noise that a Gaussian kernel between two FWHM keeps: the sum of its squares. */
function noiseKept(from: number, to: number): number {
  const sigma2 = Math.max(0, to * to - from * from) / 2.355 ** 2;
  return Math.min(1, 1 / (4 * Math.PI * Math.max(sigma2, 0.25)));
}

/** Inverse variance of target minus convolved source, so that chi² is 1 a pixel in either direction. */
function stampWeight(kept: number): (flux: number, ofTarget: number, ofSource: number) => number {
  return (flux, ofTarget, ofSource) => {
    const variance = ofTarget + kept * ofSource + (FLUX_ERROR * Math.max(0, flux)) ** 2;
    return variance > 0 ? 1 / variance : 0;
  };
}
