import type { Hdu } from '#shared/domain/fits/read.ts';
import { differencePair, type PairResult } from '#shared/domain/image/pair.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { wcsToCards } from '#shared/domain/sky/wcs.ts';
import { EPOCHS, READ_NOISE, type SceneKind, SKY } from '../../support/imaging/recipe.ts';
import { makeScene, type SkyPlane, type Truth } from '../../support/imaging/scene.ts';
import { random } from '../../support/scene.ts';
import { flaws } from './flaws.ts';
import { type Change, type Sample, samplesOf } from './samples.ts';

/** A twentieth of a detector: 32 transients, and stars enough for PSF and kernel. */
const SIZE = { width: 920, height: 900 };
const KINDS: readonly SceneKind[] = ['base', 'equal', 'crowded', 'sharp', 'base', 'very-sharp', 'static'];
/** Scenes go through all flaws in so many. */
export const flawCount = Object.keys(flaws).length;
const FIRST_SEED = 5000;
/** The declared level is below the one at which the scene's pixels end. */
const SATURATION = 90_000;

const workspace = createWorkspace();

/** What was found of one scene. */
export interface Harvest {
  readonly samples: readonly Sample[];
  /** All point sources that were put on one of its images only, found or not. */
  readonly changes: readonly Change[];
}

/** The n-th scene: all kinds of sky meet all flaws, and every other template is one to be warped. */
export function harvestScene(n: number): Harvest {
  const flaw = Object.keys(flaws)[n % flawCount];
  const kind = KINDS[(n + Math.floor(n / flawCount)) % KINDS.length];
  const scene = makeScene({ kind, seed: FIRST_SEED + n, ...SIZE });
  const template = n % 2 === 0 ? scene.template : scene.native;
  flaws[flaw](scene.science, template, random(FIRST_SEED + n));
  const result = differencePlates(scene.science, template);
  const { points, others } = changesOf(scene.truth);
  return { samples: samplesOf(result, result.sources, points, others, flaw), changes: points };
}

/** The chain's answer for two planes of a scene: valid until the next. */
export const differencePlates = (science: SkyPlane, template: SkyPlane): PairResult =>
  differencePair(workspace, hduOf(science), hduOf(template), {
    science: { gain: 1, readNoise: READ_NOISE, sky: SKY, saturation: SATURATION },
    template: { gain: EPOCHS, readNoise: READ_NOISE * Math.sqrt(EPOCHS), sky: SKY, saturation: SATURATION },
  });

const hduOf = ({ width, height, pixels, wcs }: SkyPlane): Hdu => ({
  header: wcsToCards(wcs),
  image: { width, height, pixels },
});

/** What a source may be: a point that changed, or something of which a part may be found. */
function changesOf({ transients, faders, variables, movers, trails }: Truth): {
  points: readonly Change[];
  others: readonly Change[];
} {
  const points = [...transients, ...faders.map((fader) => ({ ...fader, flux: -fader.flux }))];
  const varied = variables.map((star) => ({ ...star, flux: (star.ratio - 1) * star.flux, snr: Number.NaN }));
  const lines = trails.flatMap((trail) => {
    const [dx, dy] = [Math.cos(trail.angleRad), Math.sin(trail.angleRad)];
    const steps = Array.from({ length: 13 }, (_, k) => ((k - 6) / 12) * trail.length);
    return steps.map((t) => ({ ...trail, x: trail.x + t * dx, y: trail.y + t * dy }));
  });
  const moved = movers.flatMap((star) => [1, -1].map((flux) => ({ ...star, flux, snr: Number.NaN })));
  return { points, others: [...varied, ...lines, ...moved] };
}
