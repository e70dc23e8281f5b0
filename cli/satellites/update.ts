import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Closable, Wiring } from 'openfaas-sdk-ts';
import pino from 'pino';
import { mjdOf } from '#shared/domain/satellites/snapshot-entry.ts';
import { mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import type { DeclaredSource } from '#shared/ports/element-source.ts';
import { elementSources, openElementSources } from '#shared/wiring/element-sources.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { catalogSeal } from '#shared/wiring/seal.ts';
import { build, stopBuild } from '../../functions/satellite-catalog/build.ts';
import { inputsOf } from '../../functions/satellite-catalog/core.ts';
import { keptSources } from '../../functions/satellite-catalog/kept-sources.ts';
import { type Refreshed, refresh } from '../../functions/satellite-catalog/refresh.ts';
import { defaultData, environmentOf } from '../open-port.ts';
import { isoTime, several } from '../option-values.ts';
import { timeOf } from '../supervisor/night-file.ts';
import { describeSnapshot } from './describe-snapshot.ts';
import { downloadProgress } from './download-progress.ts';
import { fetchForOnce, fetchIfDue, type Gathering } from './gather-texts.ts';
import { givenSources } from './given-sources.ts';
import { maxAgeHours } from './max-age.ts';

interface UpdateOptions {
  readonly source?: readonly string[];
  readonly private?: readonly string[];
  readonly data: string;
  readonly asOf?: string;
}

export const updateCommand = (): Command =>
  new Command('update')
    .description('Makes a snapshot of the satellite catalogue, of now or of a past date.')
    .option('--source <path|url>', 'OMM in JSON or TLE: a file, a folder (its newest file), a URL', several)
    .option('--private <path|url>', 'the same, whose element sets are stored sealed and never shown', several)
    .option(
      '--as-of <date>',
      'UTC, such as 2022-08-09T23:00:00: the catalogue of that moment, not of now',
      isoTime,
    )
    .option('--data <folder>', 'data folder, made if it is not there', defaultData)
    .addHelpText(
      'after',
      `
Without --source and --private the sources of SATELLITE_SOURCES_FILE are taken, as satellite-catalog takes them.
With --as-of Space-Track is asked for its history around that date, and of a folder the file written nearest to it is
taken.

Exit code: 0, or 1 where no snapshot is made; then the one before stays in force.

Examples:
  nightshift satellites update --source https://celestrak.org/NORAD/elements/gp.php?GROUP=active\\&FORMAT=json
  nightshift satellites update --source catalog-2022-08.tle --as-of 2022-08-10 --data ./nightshift-data
  nightshift satellites update --source gp.json --private ./elsets --data ./nightshift-data
  SATELLITE_SOURCES_FILE=sources.yaml nightshift satellites update`,
    )
    .action(async (options: UpdateOptions) => {
      mkdirSync(options.data, { recursive: true });
      const opened: Closable[] = [];
      try {
        await update(options, opened);
      } finally {
        for (const port of opened) await port.close();
        await stopBuild();
      }
    });

async function update(options: UpdateOptions, opened: Closable[]): Promise<void> {
  const environment = environmentOf(options.data);
  const log = pino({ level: 'warn' }, pino.destination(2));
  const context = { environment, log, functionName: 'nightshift' };
  const open = async <Port extends Closable>(wiring: Pick<Wiring<Port>, 'open'>): Promise<Port> => {
    const port = await wiring.open(context);
    opened.push(port);
    return port;
  };
  const ports = { products: await open(objectStore('products')), seal: await open(catalogSeal) };
  const given = givenSources(options.source, options.private);
  const sources = await open(
    given.length > 0 ? { open: () => openElementSources(given, context) } : elementSources,
  );
  const past = options.asOf === undefined ? undefined : mjdOf(options.asOf);
  const progress = downloadProgress();
  const gathering = { kept: keptSources(ports, progress.say), ...progress };
  const asOf = past ?? mjdUtcFromUnixMs(timeOf(resolve(options.data)).night());
  const common = { asOf, chosen: past !== undefined, maxAgeHours: maxAgeHours(environment) };
  const { texts, inputs } =
    given.length > 0 || past !== undefined
      ? { texts: await inTurn(sources.declared, (declared) => fetchForOnce(declared, past, gathering)) }
      : await asDeclared(sources.declared, gathering);
  const refreshed = await refresh({ ...common, inputs, texts: async () => texts }, { ...ports, build });
  report(refreshed, past !== undefined);
}

/** What is kept of the sources has versions, so that nothing is made twice. */
async function asDeclared(declared: readonly DeclaredSource[], gathering: Gathering) {
  const texts = await inTurn(declared, (source) => fetchIfDue(source, gathering));
  const inputs = inputsOf(texts.map(({ declared: { name }, text }) => ({ name, text })));
  return { texts, inputs };
}

async function inTurn<In, Out>(all: readonly In[], step: (each: In) => Promise<Out>): Promise<Out[]> {
  const done: Out[] = [];
  for (const each of all) done.push(await step(each));
  return done;
}

/** @throws Error with the reason where the snapshot was refused. */
function report(refreshed: Refreshed, past: boolean): void {
  if ('why' in refreshed)
    throw new Error(`No snapshot is made: ${refreshed.why}${adviceFor(refreshed, past)}`);
  const { entry, outcome } = refreshed;
  if (outcome === 'unchanged')
    console.log(`Nothing is newer than the snapshot ${entry.id} of ${entry.asOfUtc}.`);
  else console.log(describeSnapshot(entry));
}

const advice: Partial<Record<Refreshed['outcome'], string>> = {
  stale: ' For the catalogue of a past night give its date with --as-of.',
  shrunk: ' Where that is meant, give the date with --as-of: what is asked for by date is not compared.',
};

const adviceFor = ({ outcome }: Refreshed, past: boolean): string => (past ? '' : (advice[outcome] ?? ''));
