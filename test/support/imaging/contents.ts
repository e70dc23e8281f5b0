import type { Random } from '../scene.ts';
import { noiseArea } from './moffat-stamp.ts';
import {
  EMPTY_VARIANCE,
  MARGIN,
  type SceneRecipe,
  scaled,
  sciencePsf,
  streamOf,
  variants,
} from './recipe.ts';
import { trailNoiseArea } from './trail-points.ts';

export interface Position {
  readonly x: number;
  readonly y: number;
}

export interface Star extends Position {
  /** Electrons, in the template. */
  readonly flux: number;
}

export interface Galaxy extends Star {
  /** Half-light radius, pixels. */
  readonly radius: number;
  /** Offsets of the point masses that share the flux. */
  readonly masses: readonly Position[];
}

/** A point source that is on one of the images only. */
export interface Transient extends Star {
  /** Against the noise of an empty sky: the host's is not in it. */
  readonly snr: number;
  readonly hosted: boolean;
}

export interface Variable extends Star {
  /** Flux on the science image for one unit on the template. */
  readonly ratio: number;
}

export interface Mover extends Star {
  /** From the template (x, y) to the science image, pixels. */
  readonly dx: number;
  readonly dy: number;
}

export interface Trail extends Star {
  readonly snr: number;
  readonly length: number;
  /** From +x to +y. */
  readonly angleRad: number;
}

/** All that is in a scene. Every star is in `stars`, also those that vary or move. */
export interface Contents {
  readonly stars: readonly Star[];
  readonly galaxies: readonly Galaxy[];
  readonly transients: readonly Transient[];
  /** On the template only. */
  readonly faders: readonly Transient[];
  readonly variables: readonly Variable[];
  readonly movers: readonly Mover[];
  readonly trails: readonly Trail[];
}

const TRANSIENT_SNR = [3, 4, 5, 6, 7, 8, 10, 15, 20, 30];
const FADER_SNR = [7, 10, 15, 20, 30];
const TRAIL_LENGTH = [10, 20, 40, 60];
const TRAIL_SNR = 20;
const SHIFT = 0.7;
/** Of two sources, and of a source from an edge. */
const APART = 40;
const BRIGHT = { flux: 2e5, apart: 60 };

/** Draws the contents of a scene, the same stars and galaxies whether or not anything changes. */
export function drawContents(recipe: SceneRecipe): Contents {
  const draw = streamOf(recipe, 'scene');
  const stars = repeat(scaled(recipe, variants[recipe.kind].stars), () => ({
    ...anywhere(recipe, draw),
    flux: powerLaw(draw, 0.6, 2e7),
  }));
  const galaxies = repeat(scaled(recipe, 4000), () => drawGalaxy(recipe, draw));
  const nothing = { transients: [], faders: [], variables: [], movers: [], trails: [] };
  if (!variants[recipe.kind].changes) return { stars, galaxies, ...nothing };
  const place = placer(recipe, stars);
  const hosts = galaxies.filter(({ flux }) => flux < 5e4);
  const transients = repeat(scaled(recipe, 600), (i) => {
    const hosted = i % 2 === 1;
    const position = place(0, () => (hosted ? insideOf(hosts, draw) : anywhere(recipe, draw)));
    return point(recipe, position, TRANSIENT_SNR[(i >> 1) % TRANSIENT_SNR.length], hosted);
  });
  const faders = repeat(scaled(recipe, 100), (i) =>
    point(
      recipe,
      place(0, () => anywhere(recipe, draw)),
      FADER_SNR[i % FADER_SNR.length],
      false,
    ),
  );
  const [variables, movers] = changeStars(recipe, stars, draw);
  const trails = repeat(scaled(recipe, 40), (i): Trail => {
    const length = TRAIL_LENGTH[i % TRAIL_LENGTH.length];
    const position = place(length / 2, () => anywhere(recipe, draw));
    const shape = { ...position, length, angleRad: Math.PI * draw.uniform() };
    const area = trailNoiseArea(sciencePsf(recipe, position.x, position.y), shape);
    return { ...shape, snr: TRAIL_SNR, flux: TRAIL_SNR * Math.sqrt(area * EMPTY_VARIANCE) };
  });
  return { stars, galaxies, transients, faders, variables, movers, trails };
}

function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function anywhere({ width, height }: SceneRecipe, draw: Random): Position {
  return {
    x: -MARGIN + (width + 2 * MARGIN) * draw.uniform(),
    y: -MARGIN + (height + 2 * MARGIN) * draw.uniform(),
  };
}

/** Fluxes from 500 up, N(>F) ~ F^-slope. */
function powerLaw(draw: Random, slope: number, most: number): number {
  return Math.min(most, 500 * (1 - draw.uniform()) ** (-1 / slope));
}

function drawGalaxy(recipe: SceneRecipe, draw: Random): Galaxy {
  const position = anywhere(recipe, draw);
  const flux = powerLaw(draw, 1.1, 1e6);
  const radius = 1.2 + 5 * draw.uniform() * draw.uniform();
  const axisRatio = 0.3 + 0.7 * draw.uniform();
  const angle = Math.PI * draw.uniform();
  const masses = repeat(24, () => {
    const r = (-Math.log(1 - draw.uniform()) * radius * 1.3) / 1.678;
    const around = 2 * Math.PI * draw.uniform();
    const [major, minor] = [r * Math.cos(around), axisRatio * r * Math.sin(around)];
    return {
      x: major * Math.cos(angle) - minor * Math.sin(angle),
      y: major * Math.sin(angle) + minor * Math.cos(angle),
    };
  });
  return { ...position, flux, radius, masses };
}

function insideOf(hosts: readonly Galaxy[], draw: Random): Position {
  const host = hosts[Math.floor(hosts.length * draw.uniform())];
  return {
    x: host.x + host.radius * (2 * draw.uniform() - 1),
    y: host.y + host.radius * (2 * draw.uniform() - 1),
  };
}

function point(recipe: SceneRecipe, { x, y }: Position, snr: number, hosted: boolean): Transient {
  const flux = snr * Math.sqrt(noiseArea(sciencePsf(recipe, x, y)) * EMPTY_VARIANCE);
  return { x, y, flux, snr, hosted };
}

/** Draws until a position with this reach around it is clear of edges, bright stars and what has been placed before. */
function placer({ width, height }: SceneRecipe, stars: readonly Star[]) {
  const bright = stars.filter(({ flux }) => flux > BRIGHT.flux);
  const placed: (Position & { reach: number })[] = [];
  return (reach: number, propose: () => Position): Position => {
    for (let attempt = 0; attempt < 100_000; attempt++) {
      const { x, y } = propose();
      const inset = APART + reach;
      if (x < inset || y < inset || x > width - 1 - inset || y > height - 1 - inset) continue;
      const isNear = (other: Position, radius: number): boolean =>
        Math.hypot(other.x - x, other.y - y) < radius + reach;
      if (bright.some((star) => isNear(star, BRIGHT.apart))) continue;
      if (placed.some((other) => isNear(other, APART + other.reach))) continue;
      placed.push({ x, y, reach });
      return { x, y };
    }
    throw new RangeError(`A scene of ${width} x ${height} has no room for all its sources.`);
  };
}

/** Stars that vary, and stars that move: of these every other one is above 2e4, where the dipole flag is judged. */
function changeStars(
  recipe: SceneRecipe,
  stars: readonly Star[],
  draw: Random,
): readonly [readonly Variable[], readonly Mover[]] {
  const { width, height } = recipe;
  const free = stars.filter(
    ({ x, y, flux }) => flux > 2000 && x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1,
  );
  const take = (least: number): Star | undefined => {
    const fit = free.filter(({ flux }) => flux > least);
    if (fit.length === 0) return undefined;
    return free.splice(free.indexOf(fit[Math.floor(fit.length * draw.uniform())]), 1)[0];
  };
  const movers = repeat(scaled(recipe, 20), (i) => take(i % 2 === 0 ? 2e4 : 2000))
    .filter((star) => star !== undefined)
    .map((star) => {
      const angle = 2 * Math.PI * draw.uniform();
      return { ...star, dx: SHIFT * Math.cos(angle), dy: SHIFT * Math.sin(angle) };
    });
  const variables = repeat(scaled(recipe, 60), () => take(2000))
    .filter((star) => star !== undefined)
    .map((star) => {
      const amplitude = 0.1 + 0.4 * draw.uniform();
      return { ...star, ratio: draw.uniform() < 0.5 ? 1 + amplitude : 1 - amplitude };
    });
  return [variables, movers];
}
