import { readFileSync } from 'node:fs';
import { type Hdu, readFits } from '#shared/domain/fits/read.ts';
import { shiftStamp } from '#shared/domain/image/lanczos.ts';
import { differencePair, factsOf, type PairResult } from '#shared/domain/image/pair.ts';
import { psfAt } from '#shared/domain/image/psf.ts';
import type { Workspace } from '#shared/domain/image/workspace.ts';
import { separationArcsec } from '#shared/domain/sky/vector.ts';
import { type Random, random } from './scene.ts';
import { sharedData } from './shared-data.ts';

/** A real frame and the template of its sky from another night. */
export interface DecamPair {
  readonly name: string;
  readonly science: Hdu;
  readonly template: Hdu;
}

export interface Injection {
  readonly x: number;
  readonly y: number;
  /** Counts. */
  readonly flux: number;
  /** Against the noise measured on the difference where nothing is. */
  readonly snr: number;
}

/** The two pairs of one field on two nights; none where the folder of real data is not beside the checkout. */
export const decamPairs = (): DecamPair[] =>
  ['a', 'b'].flatMap((name) => {
    const [science, template] = [`OBS04${name}`, `OBS18${name}`].map((frame) => {
      const path = sharedData('images', 'decam', `DEC-${frame}.mini.fits`);
      // The stamps keep the checksums of the frames that they were cut from.
      return path === undefined ? undefined : readFits(readFileSync(path), { verifyChecksums: false })[0];
    });
    return science && template ? [{ name, science, template }] : [];
  });

/** The planes of the result are in the workspace, until it is used again. */
export const differenceDecam = (workspace: Workspace, { science, template }: DecamPair): PairResult =>
  differencePair(workspace, science, template, {
    science: factsOf(science.header),
    template: factsOf(template.header),
  });

/** Sources of one pair that the other pair, taken in other exposures of the same two nights, shows with the same sign. */
export const seenTwice = (plain: PairResult, other: PairResult): PairResult['sources'] =>
  plain.sources.filter((a) =>
    other.sources.some(
      (b) => a.isNegative === b.isNegative && separationArcsec(a.ra, a.dec, b.ra, b.dec) < 1,
    ),
  );

/** Pixels from an edge and from another injection, within which none is placed; from bright stars by their light. */
const FROM_EDGE = 20;
const APART = 24;
/** Both images around an injection are below this many sigma of the sky a pixel, within two FWHM. */
const BRIGHTEST = 5;

/** Fields of up to `count` point sources of the frame's own PSF, SNR 5 to 30 evenly in the logarithm. */
export function injectInto(
  pair: DecamPair,
  plain: PairResult,
  count: number,
  seed: number,
): { pair: DecamPair; injections: readonly Injection[] } {
  const draw = random(seed);
  const { width, height, pixels: own } = pair.science.image!;
  const pixels = Float64Array.from(own);
  const injections: Injection[] = [];
  for (let attempt = 0; attempt < 10_000 && injections.length < count; attempt++) {
    const x = FROM_EDGE + (width - 1 - 2 * FROM_EDGE) * draw.uniform();
    const y = FROM_EDGE + (height - 1 - 2 * FROM_EDGE) * draw.uniform();
    if (injections.some((other) => Math.hypot(other.x - x, other.y - y) < APART)) continue;
    if (isBright(plain, x, y)) continue;
    const snr = drawSnr(draw);
    const power = plain.difference.psfAt(x, y).values.reduce((sum, value) => sum + value * value, 0);
    const flux = (snr * plain.emptySigma.measured) / Math.sqrt(power);
    addStamp(pixels, width, height, psfAt(plain.psf, x, y), x, y, flux);
    injections.push({ x, y, flux, snr });
  }
  const science = { ...pair.science, image: { width, height, pixels } };
  return { pair: { ...pair, science }, injections };
}

const drawSnr = (draw: Random): number => 5 * 6 ** draw.uniform();

function isBright(plain: PairResult, x: number, y: number): boolean {
  const { difference, science, skySigma, templateScale } = plain;
  const { width, height, image } = difference.matched;
  const limit = BRIGHTEST * Math.hypot(skySigma.science, skySigma.template * templateScale);
  const reach = Math.ceil(2 * difference.fwhm);
  for (let j = Math.round(y) - reach; j <= Math.round(y) + reach; j++) {
    for (let i = Math.round(x) - reach; i <= Math.round(x) + reach; i++) {
      const at = j * width + i;
      const isInside = i >= 0 && j >= 0 && i < width && j < height;
      if (isInside && Math.max(image[at], science.image[at]) > limit) return true;
    }
  }
  return false;
}

function addStamp(
  pixels: Float64Array,
  width: number,
  height: number,
  { half, values }: { half: number; values: Float64Array },
  x: number,
  y: number,
  flux: number,
): void {
  const side = 2 * half + 1;
  const [cx, cy] = [Math.round(x), Math.round(y)];
  shiftStamp(values, side, x - cx, y - cy).forEach((value, k) => {
    const [px, py] = [cx + (k % side) - half, cy + Math.floor(k / side) - half];
    if (px >= 0 && py >= 0 && px < width && py < height) pixels[py * width + px] += flux * value;
  });
}
