import { writeFileSync } from 'node:fs';
import { cpuUsage, resourceUsage } from 'node:process';
import type { Hdu } from '#shared/domain/fits/read.ts';
import { MASK, UNMEASURED } from '#shared/domain/image/masked-image.ts';
import { differencePair, type FrameFacts, type PairResult } from '#shared/domain/image/pair.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { wcsToCards } from '#shared/domain/sky/wcs.ts';
import { cachedScene } from '../support/imaging/cache.ts';
import { EPOCHS, READ_NOISE, type SceneRecipe, SKY } from '../support/imaging/recipe.ts';
import type { SkyPlane } from '../support/imaging/scene.ts';
import { type Detection, type SceneScore, scoreDetections } from '../support/imaging/score.ts';
import { type SnrMapScore, scoreSnrMap } from '../support/imaging/snr-map.ts';

/** Which template the chain is given: on pixels of its own, which it must warp, or on those of the science image. */
export type TemplateMode = 'native' | 'aligned';

export interface SceneTask {
  readonly recipe: SceneRecipe;
  readonly template: TemplateMode;
}

/** All that one scene gives; without the score where the chain refused it. */
export interface SceneOutcome extends SceneTask {
  readonly score: SceneScore;
  readonly snrMap: SnrMapScore;
  /** Before the map was divided by its own sigma. */
  readonly scoreSigma: number;
  readonly chain: Record<string, number | string>;
  readonly cpuMs: number;
  readonly cpuMsByStage: Readonly<Record<string, number>>;
  /** Of the process after the chain: two images of the scene (130 MB on a whole detector) and the chain. */
  readonly peakMegabytes: number;
}

const SATURATION = 90_000;
const ARCSEC_A_PIXEL = 0.2;

/** Runs the chain's front door for pairs on a scene and scores what it says. */
function runScene({ recipe, template }: SceneTask): SceneOutcome {
  const scene = cachedScene(recipe);
  const single: FrameFacts = { gain: 1, readNoise: READ_NOISE, saturation: SATURATION, sky: SKY };
  const coadd = { ...single, gain: EPOCHS, readNoise: READ_NOISE * Math.sqrt(EPOCHS) };
  const options = { science: single, template: recipe.kind === 'identical' ? single : coadd };
  const cpuMs = (): number => {
    const { user, system } = cpuUsage();
    return (user + system) / 1000;
  };
  const workspace = createWorkspace();
  const before = cpuMs();
  const result = differencePair(
    workspace,
    hduOf(scene.science),
    hduOf(scene[template === 'native' ? 'native' : 'template']),
    options,
    cpuMs,
  );
  const spentMs = cpuMs() - before;
  const peakMegabytes = resourceUsage().maxRSS / 1024;
  const { difference } = result;
  const { mask } = difference.image;
  const unusable = UNMEASURED | MASK.SUSPECT | MASK.SAT_TEMPLATE | MASK.CR | MASK.STREAK;
  return {
    recipe,
    template,
    score: scoreDetections(scene, detectionsOf(result)),
    snrMap: scoreSnrMap(scene, difference.score, (at) => (mask[at] & unusable) === 0),
    scoreSigma: difference.scoreSigma,
    chain: factsOfChain(result),
    cpuMs: spentMs,
    cpuMsByStage: result.timingMs,
    peakMegabytes,
  };
}

function hduOf({ width, height, pixels, wcs }: SkyPlane): Hdu {
  return { header: wcsToCards(wcs), image: { width, height, pixels } };
}

function detectionsOf({ sources }: PairResult): Detection[] {
  return sources.map((source) => ({
    x: source.x,
    y: source.y,
    snr: (source.snr ?? 0) * (source.isNegative === true ? -1 : 1),
    flux: source.psfFlux,
    fluxErr: source.psfFluxErr,
    isDipole: source.isDipole === true,
    trailLength: source.trailLength === null ? null : source.trailLength / ARCSEC_A_PIXEL,
    trailAngle: source.trailAngle,
  }));
}

function factsOfChain({ psf, match, templateFwhm, warped, templateScale, sources, difference }: PairResult) {
  return {
    sources: sources.length,
    direction: match.direction,
    warped: String(warped),
    fwhm: psf.fwhm,
    templateFwhm,
    psfStars: psf.starCount,
    kernelStamps: match.kernel.stampCount,
    kernelOrder: match.kernel.order,
    kernelFunctions: match.kernel.basis.functions.length,
    kernelChi2: match.kernel.chi2,
    kernelSumScatter: match.kernel.sumScatter,
    templateScale,
    cosmicRayPixels: difference.cosmicRayPixels,
  };
}

// Started by imaging.ts as `node imaging-scene.ts TASK FILE`: a process a scene, so that no scene has the memory or the
// warm code of another.
const [task, file] = process.argv.slice(2);
writeFileSync(file, JSON.stringify(runScene(JSON.parse(task) as SceneTask)));
