import { assembleTemplate } from '#shared/domain/image/assemble-template.ts';
import { calibrateExposure } from '#shared/domain/image/calibrate-exposure.ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { subtractTemplate } from '#shared/domain/image/difference.ts';
import { matchInNjy } from '#shared/domain/image/match-in-njy.ts';
import { measureAll } from '#shared/domain/image/measure-all.ts';
import { startStopwatch } from '#shared/domain/image/stopwatch.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import type { SourceTruth } from '../../../cli/simulator/truth.ts';
import { simulatedDetector } from '../../support/simulated-detector.ts';
import type { Harvest } from './plates.ts';
import { samplesOf } from './samples.ts';

/** Nights of training have seeds from here on; those that are accepted are below. */
const FIRST_SEED = 500;
/** A streak's own pieces teach nothing: the gate and the trail filter are before the cut. */
const STREAK = 15;

/** Raws of the simulated telescope, two detectors a seed, through the steps of processDetector up to its sources. */
export async function harvestRaws(seeds: number): Promise<Harvest[]> {
  const harvests: Harvest[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++) {
    for (const [visit, detector] of [
      [0, 0],
      [1, 1],
    ])
      harvests.push(harvestRaw(await simulatedDetector({ camera: 'SimCam', seed, visit, detector })));
  }
  return harvests;
}

const workspace = createWorkspace();

function harvestRaw({ input, truth }: Awaited<ReturnType<typeof simulatedDetector>>): Harvest {
  workspace.clear();
  const config = defaultImageConfig;
  const exposure = calibrateExposure(
    workspace,
    { ...input, config },
    {},
    startStopwatch(() => 0),
  );
  const { electrons, field, psf, wcs } = exposure;
  const { template } = assembleTemplate(workspace, input.templates, electrons, wcs, config.templateFraction);
  const { science, njyPerElectron: sourceVariance, match } = matchInNjy(workspace, exposure, template);
  const difference = subtractTemplate(workspace, science, template, match, psf, sourceVariance, field.stars);
  const scene = { difference, science, psf, wcs, sourceVariance };
  const sources = measureAll(scene, config.threshold).filter((source) => !isOnStreak(truth, source));
  const changes = truth.filter(
    ({ kind }) => kind === 'supernova' || kind === 'variable' || kind === 'asteroid',
  );
  return { samples: samplesOf(scene, sources, changes, [], 'raw'), changes };
}

const isOnStreak = (truth: readonly SourceTruth[], { x, y }: { x: number; y: number }): boolean =>
  truth.some(({ ends }) => {
    if (ends === undefined) return false;
    const [from, to] = ends;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    return Math.abs(dx * (y - from.y) - dy * (x - from.x)) / Math.hypot(dx, dy) < STREAK;
  });
