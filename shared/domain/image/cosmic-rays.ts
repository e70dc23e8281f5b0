import type { Kernel } from './convolve.ts';
import { MASK } from './masked-image.ts';

/** A pixel is looked at when it stands this many sigma above the difference's zero. */
const PEAK = 6;

/** ...and is a cosmic ray when a pair of opposite neighbours holds less than 0.6 of what the PSF would put there. */
const SHARPNESS = 0.6;

/**
 * Marks cosmic rays on a difference: positive pixels sharper than the PSF along one of four directions (the third
 * condition of Lupton's finder in the SDSS photo pipeline), three rounds, each round more lenient next to what was
 * found. Only the science image has them: the template is a coadd.
 *
 * @param isSearched whether to look at a pixel
 * @returns number of pixels marked CR
 */
export function markCosmicRays(
  image: Float32Array,
  variance: Float32Array,
  mask: Uint16Array,
  width: number,
  height: number,
  psf: Kernel,
  isSearched: (at: number) => boolean = () => true,
): number {
  const side = 2 * psf.half + 1;
  const centre = psf.half * side + psf.half;
  const directions = [1, side, side + 1, side - 1].map((step, k) => ({
    step: [1, width, width + 1, width - 1][k],
    expected: (SHARPNESS * (psf.values[centre + step] + psf.values[centre - step])) / 2 / psf.values[centre],
  }));
  const candidates = brightPixels(image, variance, mask, width, height, isSearched);
  let marked = 0;
  for (let round = 0; round < 3; round++) {
    const found = candidates.filter((at) => {
      if ((mask[at] & MASK.CR) !== 0) return false;
      const near = round > 0 && touches(mask, at, width);
      if (!near && image[at] < PEAK * Math.sqrt(variance[at])) return false;
      return isSharp(image, variance, mask, at, directions, near ? 0 : 2);
    });
    if (found.length === 0) break;
    for (const at of found) mask[at] |= MASK.CR;
    marked += found.length;
  }
  return marked;
}

/** Pixels above 3 sigma, the only ones that any round marks. */
function brightPixels(
  image: Float32Array,
  variance: Float32Array,
  mask: Uint16Array,
  width: number,
  height: number,
  isSearched: (at: number) => boolean,
): number[] {
  const found: number[] = [];
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * width + 1, end = at + width - 2; at < end; at++) {
      const value = image[at];
      if (!(value > 0 && value * value > 9 * variance[at])) continue;
      if ((mask[at] & (MASK.SAT | MASK.BAD)) === 0 && isSearched(at)) found.push(at);
    }
  }
  return found;
}

function isSharp(
  image: Float32Array,
  variance: Float32Array,
  mask: Uint16Array,
  at: number,
  directions: readonly { step: number; expected: number }[],
  margin: number,
): boolean {
  for (const { step, expected } of directions) {
    // A neighbour that is a cosmic ray itself says nothing about the source: the other one speaks for both.
    const [a, b] = [at + step, at - step].map((k) => ((mask[k] & MASK.CR) === 0 ? image[k] : undefined));
    const near = ((a ?? b ?? 0) + (b ?? a ?? 0)) / 2;
    const noise = Math.sqrt(
      (variance[at + step] + variance[at - step]) / 4 + expected * expected * variance[at],
    );
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
