import type { Kernel } from './convolve.ts';
import { addPoint, refinePsf } from './fine-psf.ts';
import type { MaskedImage } from './masked-image.ts';
import { cutPatch, type Patch } from './patch.ts';
import { fitPoint } from './point-fit.ts';
import { pointFlux } from './point-flux.ts';

/** A point source of a footprint that holds several. */
export interface BlendedPoint {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
}

/** Rounds after which the fluxes of two equal sources 1.5 FWHM apart have settled to a hundredth. */
const ROUNDS = 3;

/** Positions and fluxes of a footprint's point sources, each fitted where the others are taken away. */
export function separatePoints(
  image: MaskedImage,
  psfAt: (x: number, y: number) => Kernel,
  peaks: readonly { readonly x: number; readonly y: number }[],
): BlendedPoint[] {
  const points: BlendedPoint[] = peaks.map(({ x, y }) => ({ x, y, flux: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [k, peak] of peaks.entries()) {
      const psf = psfAt(peak.x, peak.y);
      const reach = psf.half + 2;
      const patch = cutPatch(image, peak.x - reach, peak.y - reach, peak.x + reach, peak.y + reach);
      removeOthers(patch, psf, points, points[k]);
      const [px, py] = [peak.x - patch.x0, peak.y - patch.y0];
      const fit = fitPoint(patch, psf, px, py) ?? { x: px, y: py };
      const flux = pointFlux(patch, psf, fit.x, fit.y)?.flux ?? 0;
      points[k] = { x: fit.x + patch.x0, y: fit.y + patch.y0, flux };
    }
  }
  return points;
}

/** Subtracts from a patch all points but one. */
export function removeOthers(
  patch: Patch,
  psf: Kernel,
  points: readonly BlendedPoint[],
  own: BlendedPoint,
): void {
  const fine = refinePsf(psf);
  for (const point of points) {
    if (point !== own && point.flux !== 0) addPoint(patch.image, patch, fine, point.x, point.y, -point.flux);
  }
}
