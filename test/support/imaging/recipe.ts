import { random } from '../scene.ts';
import type { MoffatPsf } from './moffat-stamp.ts';

/** What a scene is made from; star and other numbers scale with the area, so that a small one is a cut-out in kind. */
export interface SceneRecipe {
  readonly kind: SceneKind;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
}

interface Variant {
  /** On a whole detector. */
  readonly stars: number;
  readonly scienceFwhm: number;
  readonly templateFwhm: number;
  /** Whether anything changes between template and science image. */
  readonly changes: boolean;
}

const base: Variant = { stars: 3000, scienceFwhm: 4, templateFwhm: 3.3, changes: true };

export const variants = {
  base,
  crowded: { ...base, stars: 30_000 },
  sparse: { ...base, stars: 300 },
  equal: { ...base, scienceFwhm: 3.5, templateFwhm: 3.5 },
  sharp: { ...base, scienceFwhm: 3.2, templateFwhm: 3.8 },
  'very-sharp': { ...base, scienceFwhm: 2.8, templateFwhm: 4 },
  static: { ...base, changes: false },
  /** The template is the science image itself. */
  identical: { ...base, changes: false },
} as const satisfies Record<string, Variant>;

export type SceneKind = keyof typeof variants;

export const DETECTOR = { width: 4072, height: 4000 };
export const SKY = 800;
export const READ_NOISE = 6;
/** Epochs of the template: its variance is a tenth of what its counts say. */
export const EPOCHS = 10;
export const FULL_WELL = 100_000;
/** Variance of an empty pixel of science image and template together, electrons². */
export const EMPTY_VARIANCE = (SKY + READ_NOISE ** 2) * (1 + 1 / EPOCHS);
/** Objects lie up to this far outside. */
export const MARGIN = 40;

/** Area of a scene in whole detectors. */
export function detectorsOf({ width, height }: SceneRecipe): number {
  return (width * height) / (DETECTOR.width * DETECTOR.height);
}

/** Number of things on this area when a whole detector has `onDetector`. */
export function scaled(recipe: SceneRecipe, onDetector: number): number {
  return Math.round(onDetector * detectorsOf(recipe));
}

/** Position in units of half the field, -1 to 1. */
function fieldPosition({ width, height }: SceneRecipe, x: number, y: number): { u: number; v: number } {
  return { u: (x - width / 2) / (width / 2), v: (y - height / 2) / (height / 2) };
}

export function sciencePsf(recipe: SceneRecipe, x: number, y: number): MoffatPsf {
  const { u, v } = fieldPosition(recipe, x, y);
  const fwhm = variants[recipe.kind].scienceFwhm + 0.15 * u + 0.1 * v + 0.075 * (u * u + v * v);
  return { beta: 3, fwhm, e1: 0.03 * u, e2: 0.02 * v + 0.01 };
}

/** At a position of the science image; its ellipse lies along the axes of the image that it is painted on. */
export function templatePsf(recipe: SceneRecipe, x: number, y: number): MoffatPsf {
  const { u, v } = fieldPosition(recipe, x, y);
  return {
    beta: 3.5,
    fwhm: variants[recipe.kind].templateFwhm + 0.05 * u - 0.05 * v,
    e1: 0.01 * v,
    e2: -0.01 * u,
  };
}

/** Electrons a pixel of the science image; the template's sky is flat. */
export function scienceSky(recipe: SceneRecipe, x: number, y: number): number {
  const { u, v } = fieldPosition(recipe, x, y);
  return SKY * (1 + 0.02 * u - 0.015 * v + 0.01 * u * v);
}

const streams = { scene: 0, science: 1, template: 2, native: 3 };

/** A stream of random numbers of its own for each purpose, so that one more star does not change the noise. */
export function streamOf({ seed }: SceneRecipe, purpose: keyof typeof streams): ReturnType<typeof random> {
  return random(seed + streams[purpose] * 0x1000000);
}
