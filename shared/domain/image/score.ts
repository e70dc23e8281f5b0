import { measureBackground } from './background-mesh.ts';
import { convolveVarying, type Kernel } from './convolve.ts';
import { MASK, type MaskedImage, UNMEASURED } from './masked-image.ts';
import { backgroundSpline, divideBySpline } from './mesh-spline.ts';
import type { PsfModel } from './psf.ts';
import { gaussianTaps } from './smooth.ts';
import { medianInPlace } from './statistics.ts';
import type { Workspace } from './workspace.ts';

/** Noise below this part of its variance is shared by both images, not overestimated: an image against its copy. */
export const LEAST_SCALE = 0.7;

/** Cells of one factor between the noise and what the variance says of it (LSST's ScaleVariance). */
const SCALE_CELL = 512;

/** Correlation with the PSF over its noise, divided by its own robust sigma on 512 px cells. */
export function scoreImage(
  workspace: Workspace,
  { width, height, image, variance, mask }: MaskedImage,
  psfOf: (x: number, y: number) => Kernel,
  psf: PsfModel,
): { score: Float32Array; sigma: number } {
  const score = workspace.floats(width * height);
  convolveVarying(workspace, image, score, width, height, psf.half, matchedFilters(psfOf));
  // P² of a PSF with sigma s is a Gaussian of s / sqrt(2).
  const taps = gaussianTaps(workspace, psf.fwhm / 2.355 / Math.SQRT2);
  workspace.strips('significanceRows', height, [
    score.byteOffset,
    variance.byteOffset,
    width,
    height,
    taps.byteOffset,
    taps.length - 1,
  ]);
  workspace.release(taps);
  const mesh = measureBackground(
    workspace,
    score,
    mask,
    width,
    height,
    UNMEASURED | MASK.SUSPECT,
    SCALE_CELL,
  );
  divideBySpline(workspace, score, backgroundSpline(mesh, 'rms'), LEAST_SCALE);
  return { score, sigma: medianInPlace(Float64Array.from(mesh.rms)) };
}

/** PSFs as filters of unit noise; turned, since convolving with the turned one is correlating. */
function matchedFilters(psfOf: (x: number, y: number) => Kernel): (x: number, y: number) => Kernel {
  const filters = new Map<Kernel, Kernel>();
  return (x, y) => {
    const own = psfOf(x, y);
    const known = filters.get(own);
    if (known !== undefined) return known;
    let power = 0;
    for (const value of own.values) power += value * value;
    const norm = Math.sqrt(power);
    const made = { half: own.half, values: own.values.map((value) => value / norm).reverse() };
    filters.set(own, made);
    return made;
  };
}
