/**
 * Synthetic pairs after the recipe of the imaging reference, section 2: whatever judges the pixel chain takes them from
 * here.
 *
 *     const scene = makeScene({ kind: 'base', seed: 1, width: 4072, height: 4000 });   // about 5 s
 *     const scene = cachedScene(recipe);                                               // from cache.ts: the same, kept on disk
 *
 * - `science`, `template` (on the science image's pixels) and `native` (the same template on 88 x 100 more pixels,
 *   rotated by 0.5 degrees and shifted, with noise of its own) are electrons with their sky of 800, the variance of the
 *   science image being counts + 36 and that of both templates a tenth of it; all end at 100,000. Hence gain 1 and 10,
 *   read noise 6 and 6 sqrt(10).
 * - each has its world coordinates: TAN at (150.1, 2.2), 0.2 arcseconds a pixel.
 * - `truth` says what is in it, in electrons and 0-based pixels of the science image; every point source that changes
 *   also has `variance`, that of a pixel under it (both images, weighted by the PSF squared) with its host and
 *   neighbours but without its own photons.
 * - numbers scale with the area, so 2036 x 2000 has a quarter of everything. Kinds are in recipe.ts; the PSFs at a
 *   position are its `sciencePsf` and `templatePsf`.
 *
 * The images share nothing with the code under test but the type of the world coordinates.
 */
import type { Wcs } from '#shared/domain/sky/wcs.ts';
import type { Random } from '../scene.ts';
import { type Contents, drawContents, type Position, type Transient } from './contents.ts';
import { moffatValue, type Plane, paintPoint } from './moffat-stamp.ts';
import {
  EPOCHS,
  FULL_WELL,
  READ_NOISE,
  type SceneRecipe,
  SKY,
  sciencePsf,
  scienceSky,
  streamOf,
  templatePsf,
} from './recipe.ts';
import { paintTrail } from './trail-points.ts';

export interface SkyPlane extends Plane {
  readonly wcs: Wcs;
}

export interface ChangedPoint extends Transient {
  readonly variance: number;
}

export interface Truth extends Contents {
  readonly transients: readonly ChangedPoint[];
  readonly faders: readonly ChangedPoint[];
}

export interface Scene {
  readonly recipe: SceneRecipe;
  readonly science: SkyPlane;
  readonly template: SkyPlane;
  /** The identical pair has none of its own: it is the aligned one. */
  readonly native: SkyPlane;
  readonly truth: Truth;
}

/** Part of every file name in the cache: raise it when the recipe's pixels change. */
export const RECIPE_VERSION = 1;

export function makeScene(recipe: SceneRecipe): Scene {
  const planes = blankPlanes(recipe);
  const contents = drawContents(recipe);
  const painter = painterOf(recipe, planes);
  paintUnchanging(painter, contents);
  const truth = {
    ...contents,
    transients: contents.transients.map((point) => ({
      ...point,
      variance: varianceUnder(recipe, planes, point),
    })),
    faders: contents.faders.map((point) => ({ ...point, variance: varianceUnder(recipe, planes, point) })),
  };
  paintChanges(painter, contents);
  addSkyAndNoise(planes.science, 1, streamOf(recipe, 'science'), (x, y) => scienceSky(recipe, x, y));
  if (recipe.kind === 'identical')
    return { recipe, ...planes, template: planes.science, native: planes.science, truth };
  addSkyAndNoise(planes.template, EPOCHS, streamOf(recipe, 'template'), () => SKY);
  addSkyAndNoise(planes.native, EPOCHS, streamOf(recipe, 'native'), () => SKY);
  return { recipe, ...planes, truth };
}

interface Planes {
  readonly science: SkyPlane;
  readonly template: SkyPlane;
  readonly native: SkyPlane;
}

function blankPlanes(recipe: SceneRecipe): Planes {
  const { science, native } = geometry(recipe);
  const blank = ({ width, height, wcs }: Omit<SkyPlane, 'pixels'>): SkyPlane => ({
    width,
    height,
    wcs,
    pixels: new Float32Array(width * height),
  });
  return { science: blank(science), template: blank(science), native: blank(native) };
}

const NATIVE = { wider: 88, higher: 100, turnRad: (0.5 * Math.PI) / 180, offset: { x: 0.37, y: 0.61 } };
const POINTING = [150.1, 2.2] as const;
const SCALE_DEG = 0.2 / 3600;

/** Sizes and world coordinates of the science image and of the native template. */
export function geometry(recipe: SceneRecipe): Record<'science' | 'native', Omit<SkyPlane, 'pixels'>> {
  const { width, height } = recipe;
  const [cos, sin] = [Math.cos(NATIVE.turnRad), Math.sin(NATIVE.turnRad)];
  const centre = toNative(recipe, { x: width / 2, y: height / 2 });
  return {
    science: {
      width,
      height,
      wcs: { crvalDeg: POINTING, crpix: [width / 2, height / 2], cd: [-SCALE_DEG, 0, 0, SCALE_DEG] },
    },
    native: {
      width: width + NATIVE.wider,
      height: height + NATIVE.higher,
      wcs: {
        crvalDeg: POINTING,
        crpix: [centre.x, centre.y],
        cd: [-SCALE_DEG * cos, -SCALE_DEG * sin, -SCALE_DEG * sin, SCALE_DEG * cos],
      },
    },
  };
}

/** A position of the science image on the native template: turned about the centre, then shifted. */
export function toNative({ width, height }: SceneRecipe, { x, y }: Position): Position {
  const [cos, sin] = [Math.cos(NATIVE.turnRad), Math.sin(NATIVE.turnRad)];
  const [dx, dy] = [x - width / 2, y - height / 2];
  return {
    x: (width + NATIVE.wider) / 2 + cos * dx - sin * dy + NATIVE.offset.x,
    y: (height + NATIVE.higher) / 2 + sin * dx + cos * dy + NATIVE.offset.y,
  };
}

interface Painter {
  onScience(at: Position, flux: number, psfFrom?: Position): void;
  onTemplates(at: Position, flux: number, psfFrom?: Position): void;
  trail(trail: Contents['trails'][number]): void;
}

function painterOf(recipe: SceneRecipe, { science, template, native }: Planes): Painter {
  return {
    onScience(at, flux, psfFrom = at) {
      paintPoint(science, sciencePsf(recipe, psfFrom.x, psfFrom.y), at.x, at.y, flux);
    },
    onTemplates(at, flux, psfFrom = at) {
      const psf = templatePsf(recipe, psfFrom.x, psfFrom.y);
      paintPoint(template, psf, at.x, at.y, flux);
      const turned = toNative(recipe, at);
      paintPoint(native, psf, turned.x, turned.y, flux);
    },
    trail(trail) {
      paintTrail(science, sciencePsf(recipe, trail.x, trail.y), trail, trail.flux);
    },
  };
}

/** Galaxies, and the stars as the template sees them. */
function paintUnchanging(painter: Painter, { stars, galaxies }: Contents): void {
  for (const star of stars) {
    painter.onScience(star, star.flux);
    painter.onTemplates(star, star.flux);
  }
  for (const galaxy of galaxies) {
    for (const mass of galaxy.masses) {
      const at = { x: galaxy.x + mass.x, y: galaxy.y + mass.y };
      painter.onScience(at, galaxy.flux / galaxy.masses.length, galaxy);
      painter.onTemplates(at, galaxy.flux / galaxy.masses.length, galaxy);
    }
  }
}

function paintChanges(painter: Painter, contents: Contents): void {
  for (const transient of contents.transients) painter.onScience(transient, transient.flux);
  for (const fader of contents.faders) painter.onTemplates(fader, fader.flux);
  for (const star of contents.variables) painter.onScience(star, (star.ratio - 1) * star.flux);
  for (const star of contents.movers) {
    painter.onScience(star, -star.flux);
    painter.onScience({ x: star.x + star.dx, y: star.y + star.dy }, star.flux);
  }
  for (const trail of contents.trails) painter.trail(trail);
}

/** Variance of a pixel of both images under a point, by the weights of its flux: P². */
function varianceUnder(recipe: SceneRecipe, { science, template }: Planes, { x, y }: Position): number {
  const psf = sciencePsf(recipe, x, y);
  const [cx, cy] = [Math.round(x), Math.round(y)];
  const half = 8;
  let [sum, weights] = [0, 0];
  for (let j = cy - half; j <= cy + half; j++) {
    for (let i = cx - half; i <= cx + half; i++) {
      const weight = moffatValue(psf, i - x, j - y) ** 2;
      const at = j * science.width + i;
      const own = science.pixels[at] + scienceSky(recipe, i, j) + READ_NOISE ** 2;
      sum += weight * (own + (template.pixels[at] + SKY + READ_NOISE ** 2) / EPOCHS);
      weights += weight;
    }
  }
  return sum / weights;
}

function addSkyAndNoise(
  { width, height, pixels }: Plane,
  epochs: number,
  draw: Random,
  skyAt: (x: number, y: number) => number,
): void {
  const normals = normalPairs(draw);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const counts = pixels[at] + skyAt(x, y);
      const sigma = Math.sqrt((counts + READ_NOISE ** 2) / epochs);
      pixels[at] = Math.min(FULL_WELL, counts + sigma * normals());
    }
  }
}

/** Box and Muller's normals, both of each pair: the noise of a scene is half of its cost. */
function normalPairs(draw: Random): () => number {
  let second = Number.NaN;
  return () => {
    if (!Number.isNaN(second)) {
      const kept = second;
      second = Number.NaN;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - draw.uniform()));
    const angle = 2 * Math.PI * draw.uniform();
    second = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
