import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '#shared/domain/image/statistics.ts';
import { cachedScene } from '../support/imaging/cache.ts';
import { DETECTOR, EPOCHS, READ_NOISE } from '../support/imaging/recipe.ts';
import type { Scene } from '../support/imaging/scene.ts';
import { type SceneScore, scoreDetections } from '../support/imaging/score.ts';
import { temporaryFolder } from '../support/night.ts';
import { debianProgram } from '../support/services/packages.ts';
import { detectInC, type Step, subtractInC, THRESHOLDS } from './imaging/c-chain.ts';
import { differenceCold, differenceWarm, ourDetections } from './imaging/ours.ts';
import { type Spent, total } from './imaging/program.ts';
import { type SceneFiles, writeSceneFiles } from './imaging/scene-files.ts';
import { falseADetector, missed, type Row, tableOf } from './imaging/table.ts';
import type { Measurement } from './main.ts';

/** The whole chain on one detector, start of the process included, against a C chain with hotpants: a quarter. */
const BAR = 0.25;

/** Without hotpants the peer does a third of the work, since a plain subtraction has no PSF to match. */
const PLAIN_BAR = 1.5;

/** The threshold that is timed and judged: with 0.9 of the unfiltered noise Source Extractor finds about what we do. */
const JUDGED = THRESHOLDS[0];

/** All that one scene gave. */
interface Round {
  readonly files: SceneFiles;
  readonly steps: readonly Step[];
  /** Of Source Extractor, by threshold. */
  readonly theirs: readonly SceneScore[];
  readonly cold: Spent & { readonly stdout: string };
  readonly ours: SceneScore;
}

/**
 * `nightshift difference` of a whole synthetic detector (of a quarter of one when quick) with its template on other
 * pixels, both compressed by fpack, against funpack, SWarp, hotpants where HOTPANTS names its binary (else a plain
 * subtraction), and Source Extractor on both signs.
 */
export async function imagingBenchmark(quick: boolean): Promise<Measurement[]> {
  const hotpants = process.env.HOTPANTS;
  await requirePrograms(hotpants);
  using folder = temporaryFolder();
  const rounds: Round[] = [];
  for (let seed = 1; seed <= (quick ? 1 : 4); seed++) {
    const scene = cachedScene({ kind: 'base', seed, ...(quick ? quarter : DETECTOR) });
    rounds.push(await runBoth(scene, join(folder.path, String(seed)), hotpants));
  }
  const warm: Spent[] = [];
  for (const { files } of [rounds[0], ...rounds]) warm.push(await differenceWarm(files));
  const cold = medianOf(rounds.map((round) => round.cold));
  const peer = medianOf(rounds.map(({ steps }) => total(steps)));
  const plain = medianOf(
    rounds.map(({ steps }) => total(steps.filter(({ program }) => program !== 'hotpants'))),
  );
  const ours = rounds.map((round) => round.ours);
  const theirs = rounds.map((round) => round.theirs[0]);
  console.log(`\n${rounds[0].cold.stdout}\n${stepsOf(rounds.map(({ steps }) => steps))}\n`);
  const chain = `funpack, SWarp, ${hotpants === undefined ? 'plain subtraction' : 'hotpants'}, Source Extractor`;
  console.log(
    tableOf([
      { name: 'nightshift difference, cold', spent: cold, scores: ours },
      { name: 'nightshift difference, warm', spent: medianOf(warm.slice(1)) },
      ...THRESHOLDS.map((threshold, k): Row => {
        const scores = rounds.map((round) => round.theirs[k]);
        return { name: `${chain} at ${threshold}`, spent: threshold === JUDGED ? peer : undefined, scores };
      }),
    ]),
  );
  const seconds = ({ cpu }: Spent): string => `${cpu.toFixed(1)} s`;
  return [
    {
      name: 'imaging: CPU against funpack, SWarp, 2 Source Extractor',
      ...{ ours: seconds(cold), peer: seconds(plain), ratio: cold.cpu / plain.cpu, bar: PLAIN_BAR },
    },
    ...(hotpants === undefined
      ? []
      : [
          {
            name: 'imaging: CPU against the same and hotpants',
            ...{ ours: seconds(cold), peer: seconds(peer), ratio: cold.cpu / peer.cpu, bar: BAR },
          },
        ]),
    compare('transients of SNR 5 to 10 missed', missed(ours), missed(theirs), 1),
    compare(
      'field false positives a detector',
      falseADetector(ours, 'field'),
      falseADetector(theirs, 'field'),
      0.2,
    ),
  ];
}

const quarter = { width: DETECTOR.width / 2, height: DETECTOR.height / 2 };

async function requirePrograms(hotpants: string | undefined): Promise<void> {
  if (hotpants !== undefined) accessSync(hotpants, constants.X_OK);
  await debianProgram('funpack', ['libcfitsio-bin']);
  await debianProgram('SWarp', ['swarp']);
  await debianProgram('source-extractor', ['source-extractor']);
}

async function runBoth(scene: Scene, folder: string, hotpants: string | undefined): Promise<Round> {
  mkdirSync(folder);
  const files = await writeScene(scene, folder);
  const steps = await subtractInC(files, hotpants);
  const cold = await differenceCold(files);
  const theirs: SceneScore[] = [];
  for (const threshold of THRESHOLDS) {
    const found = await detectInC(files, threshold, hotpants !== undefined);
    if (threshold === JUDGED) steps.push(...found.steps);
    theirs.push(scoreDetections(scene, found.detections));
  }
  return { files, steps, theirs, cold, ours: scoreDetections(scene, ourDetections(files)) };
}

function writeScene({ science, native }: Scene, folder: string): Promise<SceneFiles> {
  const facts = (epochs: number) => [
    { keyword: 'GAIN', value: epochs },
    { keyword: 'RDNOISE', value: READ_NOISE * Math.sqrt(epochs) },
    { keyword: 'SATURATE', value: 90_000 },
  ];
  const integers = Int32Array.from(science.pixels, Math.round);
  return writeSceneFiles(folder, {
    science: { image: { ...science, pixels: integers }, wcs: science.wcs, facts: facts(1) },
    template: { image: native, wcs: native.wcs, facts: facts(EPOCHS) },
  });
}

function medianOf(rounds: readonly Spent[]): Spent {
  return { cpu: median(rounds.map(({ cpu }) => cpu)), wall: median(rounds.map(({ wall }) => wall)) };
}

/** Median of each program over the rounds, its runs in a round taken together. */
function stepsOf(rounds: readonly (readonly Step[])[]): string {
  const programs = [...new Set(rounds[0].map(({ program }) => program))];
  const lines = programs.map((name) => {
    const { cpu } = medianOf(rounds.map((steps) => total(steps.filter(({ program }) => program === name))));
    return `| ${name} | ${cpu.toFixed(2)} |`;
  });
  return ['| program of the C chain | CPU s |', '|---|---|', ...lines].join('\n');
}

function compare(what: string, ours: number, theirs: number, bar: number): Measurement {
  return {
    name: `imaging: ${what}`,
    ours: String(Number(ours.toPrecision(3))),
    peer: String(Number(theirs.toPrecision(3))),
    ratio: ours / theirs,
    bar,
  };
}
