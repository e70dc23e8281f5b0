import type { Kernel } from '#shared/domain/image/convolve.ts';
import type { Difference } from '#shared/domain/image/difference.ts';
import { blankImage } from '#shared/domain/image/masked-image.ts';
import type { Scene } from '#shared/domain/image/measure.ts';
import { sampleMoffat } from '#shared/domain/image/moffat.ts';
import { skyPlane } from '#shared/domain/image/patch.ts';
import type { Wcs } from '#shared/domain/sky/wcs.ts';
import { addMoffat, random } from './scene.ts';

/** One PSF for the whole image: FWHM 4 px. */
export const PROFILE = { fwhm: 4, beta: 3, e1: 0.02, e2: -0.01 };
const HALF = 12;

/** Standard deviation of a pixel where nothing is asked for. */
export const NOISE = 10;

/** North up, east to larger x, one arcsecond a pixel: a bearing is the angle from +y towards +x. */
const WCS: Wcs = { crvalDeg: [0, 0], crpix: [0, 0], cd: [1 / 3600, 0, 0, 1 / 3600] };

interface Point {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
}

/** What a plain difference holds. */
export interface Contents {
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  readonly noise?: number;
  /** Negative ones have faded: the template shows them. */
  readonly points: readonly Point[];
  readonly trails?: readonly (Point & { readonly length: number; readonly angleRad: number })[];
  /** Stars of the template that have moved by (dx, dy) in the science image. */
  readonly movers?: readonly (Point & { readonly dx: number; readonly dy: number })[];
}

/** Planes before the score is made: what can be shifted, flipped, turned and scaled. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly image: Float32Array;
  readonly matched: Float32Array;
  readonly sigma: number;
  readonly psf: Kernel;
}

/** White noise of one sigma with point sources, trails and movers under one Moffat PSF. */
export function drawPlanes({ width, height, seed, noise = NOISE, points, trails, movers }: Contents): Planes {
  const draw = random(seed);
  const image = Float32Array.from({ length: width * height }, () => noise * draw.normal());
  const matched = new Float32Array(width * height);
  const add = (to: Float32Array, x: number, y: number, flux: number): void =>
    addMoffat(to, width, height, x, y, flux, PROFILE);
  for (const { x, y, flux } of points) {
    add(image, x, y, flux);
    if (flux < 0) add(matched, x, y, -flux);
  }
  for (const { x, y, flux, length, angleRad } of trails ?? []) {
    const steps = Math.ceil(4 * length);
    for (let k = 0; k < steps; k++) {
      const t = ((k + 0.5) / steps - 0.5) * length;
      add(image, x + t * Math.cos(angleRad), y + t * Math.sin(angleRad), flux / steps);
    }
  }
  for (const { x, y, flux, dx, dy } of movers ?? []) {
    add(matched, x, y, flux);
    add(image, x, y, -flux);
    add(image, x + dx, y + dy, flux);
  }
  return {
    width,
    height,
    image,
    matched,
    sigma: noise,
    psf: { half: HALF, values: sampleMoffat(PROFILE, HALF) },
  };
}

/** The planes as a difference whose score is their plain correlation with the PSF, over its noise. */
export function sceneOf({
  width,
  height,
  image,
  matched,
  sigma,
  psf,
}: Planes): Scene & { difference: Difference } {
  const masked = { ...blankImage(width, height), image };
  masked.variance.fill(sigma * sigma);
  const template = { ...blankImage(width, height), image: matched };
  template.variance.fill(sigma * sigma * 0.1);
  const difference: Difference = {
    image: masked,
    matched: skyPlane(template),
    score: correlate(image, width, height, psf, sigma),
    psfAt: () => psf,
    matchedPsfAt: () => psf,
    fwhm: PROFILE.fwhm,
    scoreSigma: 1,
    cosmicRayPixels: 0,
  };
  const science = { ...masked, image: image.map((value, i) => value + matched[i]) };
  const side = { width, height };
  return {
    difference,
    science: skyPlane(science),
    psf: { ...side, half: psf.half, order: 0, planes: [psf.values], fwhm: PROFILE.fwhm, starCount: 1 },
    wcs: WCS,
    sourceVariance: 0,
  };
}

export function plainDifference(contents: Contents): Scene & { difference: Difference } {
  return sceneOf(drawPlanes(contents));
}

function correlate(
  image: Float32Array,
  width: number,
  height: number,
  { half, values }: Kernel,
  sigma: number,
): Float32Array {
  const side = 2 * half + 1;
  const scale = 1 / (sigma * Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)));
  const score = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let j = Math.max(0, half - y); j < Math.min(side, height - y + half); j++) {
      for (let i = 0; i < side; i++) {
        const weight = scale * values[j * side + i];
        const from = (y + j - half) * width + i - half;
        for (let x = Math.max(0, half - i); x < Math.min(width, width - i + half); x++)
          score[y * width + x] += weight * image[from + x];
      }
    }
  }
  return score;
}
