import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { processDetector } from '#shared/domain/image/detector.ts';
import type { SourceWithoutStamps } from '#shared/domain/image/measure.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import type { SceneKind } from '../support/imaging/recipe.ts';
import { makeScene } from '../support/imaging/scene.ts';
import { type Detection, type SceneScore, scoreDetections } from '../support/imaging/score.ts';
import { wilson } from '../support/imaging/statistics.ts';
import { simulatedDetector } from '../support/simulated-detector.ts';
import { differencePlates } from './reliability/plates.ts';

const CUT = 0.5;
/** Of what is detected at this SNR or more, the part that the cut must keep. */
const LEAST_KEPT = { snr: 6, part: 0.99 };
/** A quarter of a detector. */
const SIZE = { width: 2036, height: 2000 };
const KINDS: readonly SceneKind[] = ['base', 'crowded', 'sparse', 'equal', 'sharp', 'very-sharp', 'static'];

/** A scene scored with all that the chain found, and with what the cut leaves of it. */
interface Scores {
  readonly kind: SceneKind;
  readonly before: SceneScore;
  readonly after: SceneScore;
}

/**
 * What the cut at 0.5 takes of scenes and simulated raws that the model was not trained on: completeness and false
 * detections before and after it. The seeds are those of the scenes; training's begin at 5000.
 */
export async function acceptReliability(seeds: readonly number[]): Promise<string[]> {
  const scenes = KINDS.flatMap((kind) => seeds.map((seed) => scoreScene(kind, seed)));
  printCompleteness(scenes);
  printFalse(scenes);
  await printSimulated(seeds);
  const bright = points(scenes).filter(({ snr, before }) => snr >= LEAST_KEPT.snr && before);
  const kept = bright.filter(({ after }) => after).length;
  return wilson(kept, bright.length).high >= LEAST_KEPT.part
    ? []
    : [`of ${bright.length} detected from SNR ${LEAST_KEPT.snr} only ${kept} are kept`];
}

function scoreScene(kind: SceneKind, seed: number): Scores {
  const scene = makeScene({ kind, seed, ...SIZE });
  const { sources } = differencePlates(scene.science, scene.native);
  const score = (some: readonly SourceWithoutStamps[]): SceneScore =>
    scoreDetections(scene, some.map(detectionOf));
  return { kind, before: score(sources), after: score(sources.filter(isReliable)) };
}

const isReliable = ({ reliability }: SourceWithoutStamps): boolean => (reliability ?? 0) >= CUT;

const detectionOf = (source: SourceWithoutStamps): Detection => ({
  x: source.x,
  y: source.y,
  snr: (source.snr ?? 0) * (source.isNegative === true ? -1 : 1),
  flux: source.psfFlux,
  fluxErr: source.psfFluxErr,
  isDipole: source.isDipole === true,
  trailLength: source.trailLength,
  trailAngle: source.trailAngle,
});

const points = (scenes: readonly Scores[]) =>
  scenes.flatMap(({ before, after }) =>
    before.points.map(({ snr, hosted, kind, found }, k) => ({
      snr,
      class: kind === 'fader' ? 'faders' : hosted ? 'hosted' : 'hostless',
      before: found !== undefined,
      after: after.points[k].found !== undefined,
    })),
  );

function printCompleteness(scenes: readonly Scores[]): void {
  console.log('Point sources found before the cut, and after it:\n');
  console.log('| SNR | hostless | hosted | faders |\n|---|---|---|---|');
  const all = points(scenes);
  for (const snr of [...new Set(all.map((point) => point.snr))].sort((a, b) => a - b)) {
    const cells = ['hostless', 'hosted', 'faders'].map((name) => {
      const own = all.filter((point) => point.snr === snr && point.class === name);
      const part = (found: 'before' | 'after'): string =>
        ((100 * own.filter((point) => point[found]).length) / own.length).toFixed(1);
      return own.length === 0 ? '' : `${part('before')} %, ${part('after')} % of ${own.length}`;
    });
    console.log(`| ${snr} | ${cells.join(' | ')} |`);
  }
}

function printFalse(scenes: readonly Scores[]): void {
  console.log('\nFalse detections a detector before the cut, and after it:\n');
  console.log('| scene | field | near bright stars | around saturated ones |\n|---|---|---|---|');
  for (const [kind, own] of Map.groupBy(scenes, (scene) => scene.kind)) {
    const detectors = own.reduce((sum, { before }) => sum + before.detectors, 0);
    const cells = (['field', 'near-bright', 'saturated'] as const).map((zone) => {
      const rate = (of: 'before' | 'after'): string => {
        const falses = own.flatMap((scene) => scene[of].falses).filter((one) => one.zone === zone);
        return (falses.length / detectors).toFixed(1);
      };
      return `${rate('before')}, ${rate('after')}`;
    });
    console.log(`| ${kind} | ${cells.join(' | ')} |`);
  }
}

/** Raws of the simulated telescope through the whole chain, two detectors a seed. */
async function printSimulated(seeds: readonly number[]): Promise<void> {
  const workspace = createWorkspace();
  const counts = new Map<string, { found: number; kept: number }>();
  for (const seed of seeds) {
    for (const [visit, detector] of [
      [0, 0],
      [2, 1],
    ]) {
      const { input, truth } = await simulatedDetector({ camera: 'SimCam', seed, visit, detector });
      const result = processDetector(workspace, { ...input, config: defaultImageConfig });
      if (result.outcome === 'refused') throw new Error(`seed ${seed}: ${result.reason}`);
      const changes = truth.filter(({ kind }) => kind !== 'star' && kind !== 'galaxy');
      for (const source of result.sources) {
        const own = changes.find(({ x, y }) => Math.hypot(x - source.x, y - source.y) < 3);
        const count = counts.get(own?.kind ?? 'nothing') ?? { found: 0, kept: 0 };
        count.found++;
        if (isReliable(source)) count.kept++;
        counts.set(own?.kind ?? 'nothing', count);
      }
    }
  }
  console.log('\nSources of simulated raws, by what is there:\n\n| what | found | kept |\n|---|---|---|');
  for (const [kind, { found, kept }] of counts) console.log(`| ${kind} | ${found} | ${kept} |`);
}
