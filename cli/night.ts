import { createWriteStream, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { findInstrument, type Instrument } from '#shared/domain/ids/instruments.ts';
import { type Counts, checkNight } from '#shared/domain/ledger/check.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { readLedger } from './ledger.ts';
import { withPort } from './open-port.ts';
import { type Progress, showProgress } from './progress.ts';
import { type Latency, latencyOf, scoreFolder } from './score/score-folder.ts';
import type { Score } from './score/score-night.ts';
import { planNight } from './simulator/survey-plan.ts';
import { lockFolder } from './supervisor/lock.ts';
import { readNight } from './supervisor/night-file.ts';
import { freePort, type Supervision, supervise } from './supervisor/supervise.ts';

interface NightOptions {
  readonly visits: number;
  readonly detectors?: number;
  readonly camera: string;
  readonly seed: number;
  readonly data: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

type Result = Counts & { latencySeconds: Latency; truth: Score };

/** A night that has been silent for so long, with work left, is not going to end by itself. */
const stalledSeconds = 180;
const publicTopic = 'lsst-alerts-v11';

export const nightCommand = (): Command =>
  new Command('night')
    .description(
      'Runs a bounded simulated night to its end, as fast as this machine goes, and accounts for it.',
    )
    .requiredOption('--visits <n>', 'number of visits', count)
    .option('--detectors <m>', 'only the first m detectors by number', count)
    .option(
      '--camera <camera>',
      'SimCam (9 detectors of 1024x1024) or LSSTCam (189 of 4096x4004 and 4072x4000)',
      'SimCam',
    )
    .option('--seed <s>', 'seed of sky, weather and noise', count, 1)
    .requiredOption('--data <folder>', 'data folder; it must be new unless --resume is given')
    .option('--resume', 'go on with the night that the folder holds')
    .option('--json', 'print the account as one JSON object, the last line of standard output')
    .addHelpText(
      'after',
      `
Exit code: 0 only if nothing is lost, doubled or dead, and no satellite and no trail was published.

Examples:
  nightshift night --visits 2 --detectors 2 --data ./tonight
  nightshift night --visits 20 --seed 7 --data ./tonight --json | jq .latencySeconds
  nightshift night --visits 20 --seed 7 --data ./tonight --resume`,
    )
    .action(async (options: NightOptions) => {
      const result = await runNight({ ...options, data: resolve(options.data) });
      if (options.json) console.log(JSON.stringify(result));
      else printResult(result);
      if (!isClean(result)) process.exitCode = 1;
    });

export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`'${text}' is not a whole number.`);
  return Number(text);
}

/** @throws Error naming the cameras that can be simulated. */
export function requireCamera(name: string): Instrument {
  const instrument = findInstrument(name);
  if (!instrument || !['SimCam', 'LSSTCam'].includes(instrument.name)) {
    throw new Error(`There is no telescope with the camera '${name}': it is SimCam or LSSTCam.`);
  }
  return instrument;
}

async function runNight(options: NightOptions): Promise<Result> {
  const instrument = requireCamera(options.camera);
  checkFolder(options);
  const lock = lockFolder(options.data);
  const plan = planNight({ ...options, camera: instrument.name });
  const log = openLog(options.data);
  const supervision = await supervise(
    { data: options.data, port: await freePort(), instrument, detectors: plan.detectors, patient: true },
    log.line,
  );
  const stopped = stopOnSignal(supervision);
  const bar = showProgress(options.visits * plan.detectors.length, () => progressOf(options.data));
  try {
    await observe(supervision, options, instrument);
    await settle(options.data, stopped);
  } finally {
    bar.stop();
    await supervision.children.stop();
    log.close();
    lock.release();
  }
  return account(options.data, instrument);
}

/** @throws Error where the folder holds another night, or one that was not asked to go on. */
function checkFolder({ data, camera, seed, resume }: NightOptions): void {
  const held = readNight(data);
  if (!held) return;
  if (!resume)
    throw new Error(
      `${data} holds a night already: add --resume to go on with it, or choose another folder.`,
    );
  if (held.seed !== seed || held.camera.toLowerCase() !== camera.toLowerCase()) {
    throw new Error(
      `${data} holds a night of ${held.camera} with seed ${held.seed}, not of ${camera} with seed ${seed}.`,
    );
  }
}

function openLog(data: string): { line(text: string): void; close(): void } {
  mkdirSync(data, { recursive: true });
  const file = createWriteStream(join(data, 'nightshift.log'), { flags: 'a' });
  return { line: (text) => void file.write(`${text}\n`), close: () => void file.end() };
}

function stopOnSignal({ children }: Supervision): AbortSignal {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stopped.abort();
      children.stop().then(
        () => process.exit(130),
        () => process.exit(1),
      );
    });
  }
  return stopped.signal;
}

/** Lets the telescope take its visits; one that dies is started again, and goes on where it was. */
async function observe(supervision: Supervision, options: NightOptions, { name }: Instrument): Promise<void> {
  const { seed, visits, detectors } = options;
  for (let tries = 1; ; tries++) {
    const code = await supervision.observe({ camera: name, seed, visits, detectors, speed: 0 });
    if (code === 0) return;
    if (tries === 5)
      throw new Error(`The telescope died ${tries} times; ${join(options.data, 'nightshift.log')} says why.`);
  }
}

/** Waits until all that came is done, published and archived, or until nothing has moved for long. */
async function settle(data: string, stopped: AbortSignal): Promise<void> {
  let before = '';
  let movedMs = performance.now();
  while (!stopped.aborted) {
    const evidence = await gatherEvidence(data, publicTopic);
    const { counts } = checkNight(evidence);
    const open = evidence.claims.filter(
      ({ slot, state }) => state !== 'done' && state !== 'withheld' && !isDead(evidence, slot),
    );
    const unarrived = counts.arrived < counts.detectorVisits;
    if (evidence.unfinished.size === 0 && open.length === 0 && counts.lost === 0 && !unarrived) return;
    const now = JSON.stringify([
      counts,
      evidence.unfinished.size,
      evidence.claims.map(({ state, attempt }) => [state, attempt]),
    ]);
    if (now !== before) movedMs = performance.now();
    before = now;
    if (performance.now() - movedMs > stalledSeconds * 1000) return;
    await sleep(250);
  }
}

const isDead = ({ deadLetters }: { deadLetters: readonly { item: string }[] }, slot: string): boolean =>
  deadLetters.some(({ item }) => item === slot);

async function progressOf(data: string): Promise<Progress> {
  const accounts = await withPort(logReader('prompt'), data, readLedger);
  const finished = accounts.filter(
    ({ steps }) => steps.published ?? steps.expired ?? steps.refused ?? steps.withheld,
  );
  return {
    finished: finished.length,
    alerts: accounts.reduce((sum, { alerts }) => sum + alerts.published, 0),
  };
}

async function account(data: string, instrument: Instrument): Promise<Result> {
  const { counts } = checkNight(await gatherEvidence(data, publicTopic));
  const latencySeconds = await latencyOf(data);
  return { ...counts, latencySeconds, truth: await scoreFolder(data, publicTopic, instrument) };
}

const isClean = ({ lost, duplicated, deadLettered, truth }: Result): boolean =>
  lost + duplicated + deadLettered + truth.satellitesPublished + truth.uncataloguedTrailsPublished === 0;

function printResult(result: Result): void {
  const { latencySeconds, truth, ...counts } = result;
  const rows = { ...counts, ...prefixed('latency ', latencySeconds, ' s'), ...truth };
  for (const [name, value] of Object.entries(rows)) console.log(`${name.padEnd(30)} ${value}`);
  console.log(
    isClean(result)
      ? 'The night is whole.'
      : "The night is not whole: 'nightshift ledger --check' names every difference.",
  );
}

const prefixed = (prefix: string, values: object, unit: string): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, `${value}${unit}`]));
