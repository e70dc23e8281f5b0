import type { Detection, Peak } from './deblend.ts';
import type { Difference } from './difference.ts';
import { type DipoleFit, fitDipole, MOST_OF_A_LOBE, type SeenLobe } from './dipole.ts';
import { refinePsf } from './fine-psf.ts';
import { cutPatch } from './patch.ts';
import { pointFlux } from './point-flux.ts';
import { cutWindow } from './window.ts';

/** A dipole, and the two extremes of the score that it explains, the stronger first. */
export interface FoundDipole {
  readonly fit: DipoleFit;
  readonly lobes: readonly [Peak, Peak];
}

/** Farthest distance of the lobes, FWHM: those of a small shift are 2 apart where the star's own noise is high. */
const FARTHEST = 2.25;

/** The weaker lobe may be below the threshold: noise makes such an extreme beside one source in a hundred. */
const LEAST_LOBE = 3.5;

/** LSST's largest dipole, pixels of its footprint. */
const LARGEST = 1200;

/** Dipoles among the peaks of a detection, and the peaks that were tried as one. */
export function findDipoles(
  difference: Difference,
  { footprint, peaks }: Detection,
): { dipoles: FoundDipole[]; tried: ReadonlySet<Peak> } {
  const dipoles: FoundDipole[] = [];
  const tried = new Set<Peak>();
  if (footprint.pixels.length > LARGEST) return { dipoles, tried };
  for (const peak of peaks) {
    if (dipoles.some((dipole) => isOfDipole(dipole, peak, difference.fwhm))) continue;
    const other = oppositeLobe(difference, peak);
    if (other === undefined) continue;
    tried.add(peak);
    const fit = fitLobes(difference, peak, other);
    if (fit?.isDipole === true) dipoles.push({ fit, lobes: [peak, other] });
  }
  return { dipoles, tried };
}

/**
 * Whether a dipole explains a peak: it is one of its lobes, seen through its neighbours, or what taking point sources
 * for them left around: beside the middle, and less than half of either lobe.
 */
export function isOfDipole({ lobes }: FoundDipole, peak: Peak, fwhm: number): boolean {
  const [a, b] = lobes;
  const isLobe = lobes.some(
    (lobe) => lobe.score * peak.score > 0 && Math.hypot(lobe.x - peak.x, lobe.y - peak.y) < 3,
  );
  const distance = Math.hypot(peak.x - (a.x + b.x) / 2, peak.y - (a.y + b.y) / 2);
  const isLeft = Math.abs(peak.score) < Math.min(Math.abs(a.score), Math.abs(b.score)) / 2;
  return isLobe || (isLeft && distance < FARTHEST * fwhm);
}

/** The strongest extreme of the other sign near a peak, where it balances it. */
function oppositeLobe({ score, image, fwhm }: Difference, peak: Peak): Peak | undefined {
  const { width, height } = image;
  const sign = -Math.sign(peak.score);
  const reach = FARTHEST * fwhm;
  const size = Math.floor(reach);
  let least = Math.max(LEAST_LOBE, (Math.abs(peak.score) * (1 - MOST_OF_A_LOBE)) / MOST_OF_A_LOBE);
  let found: Peak | undefined;
  for (let y = Math.max(1, peak.y - size); y <= Math.min(height - 2, peak.y + size); y++) {
    for (let x = Math.max(1, peak.x - size); x <= Math.min(width - 2, peak.x + size); x++) {
      const at = y * width + x;
      const value = sign * score[at];
      if (value < least || Math.hypot(x - peak.x, y - peak.y) > reach) continue;
      const isExtreme = [-1, 1, -width, width].every((step) => sign * score[at + step] <= value);
      if (!isExtreme) continue;
      least = value;
      found = { x, y, score: score[at] };
    }
  }
  return found;
}

function fitLobes(difference: Difference, a: Peak, b: Peak): DipoleFit | undefined {
  const { image, matched, psfAt, matchedPsfAt } = difference;
  const psf = refinePsf(psfAt(a.x, a.y));
  const seen = (peak: Peak): SeenLobe => ({
    x: peak.x,
    y: peak.y,
    flux: Math.abs(peak.score) * fluxOfScore(difference, peak),
  });
  const [positive, negative] = a.score > 0 ? [seen(a), seen(b)] : [seen(b), seen(a)];
  const margin = Math.ceil(psf.half / 2);
  const window = cutWindow(
    image,
    Math.min(a.x, b.x) - margin,
    Math.min(a.y, b.y) - margin,
    Math.max(a.x, b.x) + margin,
    Math.max(a.y, b.y) + margin,
  );
  const reach = 2 * psf.half;
  const patch = cutPatch(matched, a.x - reach, a.y - reach, a.x + reach, a.y + reach);
  const templateAt = (x: number, y: number) =>
    pointFlux(patch, matchedPsfAt(x, y), x - patch.x0, y - patch.y0) ?? { flux: 0, fluxErr: 0 };
  // Where the lobes overlap the star is between them, where they do not it is at the negative one.
  const middle = templateAt((a.x + b.x) / 2, (a.y + b.y) / 2);
  const end = templateAt(negative.x, negative.y);
  return fitDipole(window, psf, positive, negative, middle.flux > end.flux ? middle : end);
}

/** Error of the PSF flux at a peak: what one unit of score is in flux. */
function fluxOfScore({ image, psfAt }: Difference, { x, y }: Peak): number {
  let power = 0;
  for (const value of psfAt(x, y).values) power += value * value;
  return Math.sqrt(image.variance[y * image.width + x] / power);
}
