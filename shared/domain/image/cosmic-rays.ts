import type { Kernel } from './convolve.ts';
import { MASK } from './masked-image.ts';
import type { SkyPlane } from './patch.ts';
import { visitBright } from './scan.ts';
import type { Workspace } from './workspace.ts';

/** A pixel is looked at when it stands this many sigma above the image's zero. */
const PEAK = 6;

/** ...and is a cosmic ray when a pair of opposite neighbours holds less than 0.6 of what the PSF would put there. */
const SHARPNESS = 0.6;

/** No round marks a pixel below this many sigma. */
const FAINTEST = 3;

/**
 * Marks cosmic rays on an image without sky: positive pixels sharper than the PSF along one of four directions (the
 * third condition of Lupton's finder in the SDSS photo pipeline), three rounds, each round more lenient next to what was
 * found. Only the science image has them: the template is a coadd.
 *
 * @param isSearched whether to look at a pixel
 * @returns the pixels marked CR, in the order of the image
 */
export function markCosmicRays(
  workspace: Workspace,
  plane: SkyPlane,
  psf: Kernel,
  isSearched: (at: number) => boolean = () => true,
): number[] {
  const { width, image, mask } = plane;
  const side = 2 * psf.half + 1;
  const centre = psf.half * side + psf.half;
  const directions = [1, side, side + 1, side - 1].map((step, k) => ({
    step: [1, width, width + 1, width - 1][k],
    expected: (SHARPNESS * (psf.values[centre + step] + psf.values[centre - step])) / 2 / psf.values[centre],
  }));
  const candidates = brightPixels(workspace, plane, isSearched);
  const marked: number[] = [];
  for (let round = 0; round < 3; round++) {
    const found = candidates.filter((at) => {
      if ((mask[at] & MASK.CR) !== 0) return false;
      const near = round > 0 && touches(mask, at, width);
      if (!near && image[at] < PEAK * Math.sqrt(varianceOf(plane, at))) return false;
      return isSharp(plane, at, directions, near ? 0 : 2);
    });
    if (found.length === 0) break;
    for (const at of found) mask[at] |= MASK.CR;
    marked.push(...found);
  }
  return marked.sort((a, b) => a - b);
}

function varianceOf({ width, varianceAt }: SkyPlane, at: number): number {
  const x = at % width;
  return varianceAt(x, (at - x) / width);
}

/** Pixels above 3 sigma, the only ones that any round marks; none on the image's edge, which has no neighbours. */
function brightPixels(workspace: Workspace, plane: SkyPlane, isSearched: (at: number) => boolean): number[] {
  const { width, height, image, mask } = plane;
  const found: number[] = [];
  const limitOfRow = (y: number): number => FAINTEST * Math.sqrt(leastVariance(plane, y));
  visitBright(workspace, image, width, limitOfRow, (at) => {
    const x = at % width;
    if (x === 0 || x === width - 1 || at < width || at >= (height - 1) * width) return;
    if (image[at] <= 0 || image[at] ** 2 <= FAINTEST ** 2 * varianceOf(plane, at)) return;
    if ((mask[at] & (MASK.SAT | MASK.BAD)) === 0 && isSearched(at)) found.push(at);
  });
  return found;
}

/** Below the variance of every pixel of the row: the least of every 32nd, less a tenth, since it varies slowly. */
function leastVariance({ width, varianceAt }: SkyPlane, y: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let x = 0; x < width; x += 32) least = Math.min(least, varianceAt(x, y));
  return 0.9 * least;
}

function isSharp(
  plane: SkyPlane,
  at: number,
  directions: readonly { step: number; expected: number }[],
  margin: number,
): boolean {
  const { image, mask } = plane;
  for (const { step, expected } of directions) {
    // A neighbour that is a cosmic ray itself says nothing about the source: the other one speaks for both.
    const [a, b] = [at + step, at - step].map((k) => ((mask[k] & MASK.CR) === 0 ? image[k] : undefined));
    const near = ((a ?? b ?? 0) + (b ?? a ?? 0)) / 2;
    // In most directions of most pixels no noise is needed to see it, and that costs more than all the rest.
    if (near >= expected * image[at]) continue;
    const besides = (varianceOf(plane, at + step) + varianceOf(plane, at - step)) / 4;
    const noise = Math.sqrt(besides + expected * expected * varianceOf(plane, at));
    if (near + margin * noise < expected * image[at]) return true;
  }
  return false;
}

function touches(mask: Uint16Array, at: number, width: number): boolean {
  for (let j = -width; j <= width; j += width) {
    for (let i = -1; i <= 1; i++) if ((mask[at + j + i] & MASK.CR) !== 0) return true;
  }
  return false;
}
