import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bars } from '../support/imaging/bars.ts';
import type { Figure } from '../support/imaging/figure.ts';
import { pooledFigures } from '../support/imaging/figures.ts';
import { DETECTOR, type SceneKind, type SceneRecipe, variants } from '../support/imaging/recipe.ts';
import { temporaryFolder } from '../support/night.ts';
import type { SceneOutcome, SceneTask, TemplateMode } from './imaging-scene.ts';

export interface ImagingOptions {
  readonly kinds: readonly SceneKind[];
  readonly seeds: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly templates: readonly TemplateMode[];
  /** Scenes at a time. */
  readonly jobs: number;
  /** Where every scene's outcome goes. */
  readonly json?: string;
}

/** The chain on synthetic scenes against the bars of the imaging reference: a table, and a sentence for each missed bar. */
export async function acceptImaging(options: ImagingOptions): Promise<string[]> {
  const tasks = tasksOf(options);
  const { outcomes, failures } = await runAll(tasks, options.jobs);
  if (options.json !== undefined) {
    mkdirSync(dirname(options.json), { recursive: true });
    writeFileSync(options.json, JSON.stringify(outcomes));
  }
  console.log('\n| scene | figure | measured | bar | verdict |\n|---|---|---|---|---|');
  const missed = groupsOf(outcomes).flatMap(({ title, kind, scenes }) => {
    const figures = [...pooledFigures(scenes, bars[kind]), ...costs(scenes)];
    for (const figure of figures) console.log(rowOf(title, figure));
    return figures
      .filter(({ isMissed }) => isMissed)
      .map(({ name, measured, bar }) => `${title}: ${name} is ${measured}, the bar ${bar}`);
  });
  return [...failures, ...missed];
}

export function parseKinds(text: string): SceneKind[] {
  const known = Object.keys(variants);
  return text.split(',').map((kind) => {
    if (!known.includes(kind)) throw new RangeError(`There is no scene ${kind}: ${known.join(', ')}.`);
    return kind as SceneKind;
  });
}

export function parseSize(text: string): { width: number; height: number } {
  const [width, height] = text.split('x').map(Number);
  if (!(width >= 256 && height >= 256)) throw new RangeError(`${text} is no size: give one like 1018x1000.`);
  return { width, height };
}

export const wholeDetector = `${DETECTOR.width}x${DETECTOR.height}`;

function tasksOf({ kinds, seeds, width, height, templates }: ImagingOptions): SceneTask[] {
  return kinds.flatMap((kind) =>
    // The identical pair has one template only.
    (kind === 'identical' ? templates.slice(0, 1) : templates).flatMap((template) =>
      seeds.map((seed) => ({
        recipe: { kind, seed, width, height } satisfies SceneRecipe,
        template,
      })),
    ),
  );
}

async function runAll(
  tasks: readonly SceneTask[],
  jobs: number,
): Promise<{ outcomes: SceneOutcome[]; failures: string[] }> {
  const results: (SceneOutcome | undefined)[] = tasks.map(() => undefined);
  const failures: string[] = [];
  const pending = tasks.entries();
  const work = async (): Promise<void> => {
    for (const [index, task] of pending) {
      const outcome = await runChild(task).catch((error: Error) => {
        failures.push(`${nameOf(task)}: ${error.message}`);
      });
      if (!outcome) continue;
      results[index] = outcome;
      console.error(progressOf(outcome));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return { outcomes: results.filter((outcome) => outcome !== undefined), failures };
}

async function runChild(task: SceneTask): Promise<SceneOutcome> {
  using folder = temporaryFolder();
  const file = join(folder.path, 'outcome.json');
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'imaging-scene.ts'), JSON.stringify(task), file],
    { stdio: ['ignore', 'inherit', 'pipe'] },
  );
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`ended with ${code}: ${Buffer.concat(said).toString().trim()}`);
  return JSON.parse(readFileSync(file, 'utf8')) as SceneOutcome;
}

function nameOf({ recipe, template }: SceneTask): string {
  return `${recipe.kind} ${recipe.seed}, ${template} template`;
}

function progressOf(outcome: SceneOutcome): string {
  const { score, cpuMs, peakMegabytes, chain } = outcome;
  const falses = (zone: string): number => score.falses.filter((one) => one.zone === zone).length;
  return (
    `${nameOf(outcome)}: ${chain.sources} sources; false: field ${falses('field')}, near-bright ${falses('near-bright')}, ` +
    `saturated ${falses('saturated')}; ${(cpuMs / 1000).toFixed(1)} s CPU, ${peakMegabytes.toFixed(0)} MB`
  );
}

function groupsOf(outcomes: readonly SceneOutcome[]) {
  const groups = Map.groupBy(outcomes, ({ recipe, template }) => `${recipe.kind}, ${template}`);
  return [...groups].map(([title, scenes]) => ({ title, kind: scenes[0].recipe.kind, scenes }));
}

/** CPU of the chain, by stage too, and memory of the process with both images of the scene in it. */
function costs(scenes: readonly SceneOutcome[]): Figure[] {
  const row = (name: string, values: readonly number[], digits: number): Figure => {
    const value = values.reduce((sum, one) => sum + one, 0) / values.length;
    return { name, value, measured: value.toFixed(digits), bar: '', isMissed: false };
  };
  const stages = Object.keys(scenes[0].cpuMsByStage);
  return [
    row(
      'CPU, s',
      scenes.map(({ cpuMs }) => cpuMs / 1000),
      2,
    ),
    row(
      'peak memory, MB',
      scenes.map(({ peakMegabytes }) => peakMegabytes),
      0,
    ),
    ...stages.map((stage) =>
      row(
        `CPU, s: ${stage}`,
        scenes.map(({ cpuMsByStage }) => cpuMsByStage[stage] / 1000),
        2,
      ),
    ),
  ];
}

function rowOf(title: string, { name, measured, bar, isMissed }: Figure): string {
  const verdict = bar === '' ? '' : isMissed ? 'MISSED' : 'kept';
  return `| ${title} | ${name} | ${measured} | ${bar} | ${verdict} |`;
}
