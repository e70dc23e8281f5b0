import { setTimeout as pause } from 'node:timers/promises';
import { ageHoursAt, snapshotOf } from '#shared/domain/satellites/snapshot.ts';
import { mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import type { DeclaredSource } from '#shared/ports/element-source.ts';
import { build as inThread, stopBuild } from './build.ts';
import type { BuildWork } from './build-work.ts';
import { inputsOf, isDue, type SourceRecord } from './core.ts';
import { type FetchOutcome, fetchSource } from './fetch-source.ts';
import type { CatalogContext } from './handler.ts';
import { type KeptSources, keptSources } from './kept-sources.ts';
import { beginCountingFetches, catalogMetrics, watchAge } from './metrics.ts';
import { type Refreshed, refresh, type SourceText } from './refresh.ts';
import { listedSnapshots } from './snapshots.ts';

/** What was refused, or was the same, is looked at again after so long in night time, also when nothing is new. */
const againMs = 3_600_000;

/** What a launch knows between its ticks. */
interface Memory {
  /** Downloads under way, by source; they never reject. */
  readonly underWay: Map<string, Promise<void>>;
  /** Local sources as this launch left them: when they are looked at again is kept nowhere else. */
  readonly records: Map<string, SourceRecord>;
  /** Failures of the bucket in a download that outlived its tick. */
  readonly failures: unknown[];
  /** Sources of which it was said that they have nothing yet. */
  readonly saidEmpty: Set<string>;
  /** Ends the downloads with the launch. */
  readonly end: AbortController;
  decided?: { readonly inputs: string; readonly untilMs: number };
}

const memories = new WeakMap<CatalogContext['ports'], Memory>();

function memoryOf(ports: CatalogContext['ports']): Memory {
  const memory = memories.get(ports) ?? {
    underWay: new Map(),
    records: new Map(),
    failures: [],
    saidEmpty: new Set(),
    end: new AbortController(),
  };
  memories.set(ports, memory);
  return memory;
}

/** Shows the launch's counts before anything is counted. */
export function begin(context: CatalogContext): void {
  const { ports, metrics } = context;
  watchAge(metrics, () => newestAgeHours(context));
  for (const { name } of ports.elements.declared) beginCountingFetches(catalogMetrics(metrics), name);
}

/** Ends what a launch left under way. */
export async function stop({ ports }: CatalogContext): Promise<void> {
  const { end, underWay } = memoryOf(ports);
  end.abort();
  await Promise.all(underWay.values());
  await stopBuild();
}

interface Work {
  readonly kept: KeptSources;
  readonly build: BuildWork;
}

interface TickOptions {
  readonly build?: BuildWork;
  /** A tick waits so long for downloads; a slower one goes on, and the next tick takes what it brought. */
  readonly patienceMs?: number;
}

/** Fetches what is due, then publishes what came of it, but not before each source's first download has ended. */
export async function tick(
  context: CatalogContext,
  { build = inThread, patienceMs = 15_000 }: TickOptions = {},
): Promise<void> {
  const memory = memoryOf(context.ports);
  const kept = keptSources(context.ports, (sentence) => context.log.warn(sentence));
  const { declared } = context.ports.elements;
  for (const source of declared) await beginIfDue(source, { kept, build }, memory, context);
  await Promise.race([
    Promise.all(memory.underWay.values()),
    pause(patienceMs, undefined, { signal: context.signal, ref: false }),
  ]);
  const [failure] = memory.failures.splice(0);
  if (failure !== undefined) throw failure;
  await publishWhatCame({ kept, build }, memory, context);
  // The thread that read 30,000 element sets has 0.4 GB, and is not needed before the next ones.
  if (memory.underWay.size === 0) await stopBuild();
}

async function beginIfDue(
  declared: DeclaredSource,
  { kept, build }: Work,
  memory: Memory,
  context: CatalogContext,
): Promise<void> {
  const { name, remote } = declared;
  if (memory.underWay.has(name)) return;
  const stored = await kept.record(declared);
  const last = memory.records.get(name);
  const record = last && !remote ? { ...last, text: stored.text } : stored;
  const nowMs = context.time.wall();
  if (!isDue(record, declared, nowMs)) return;
  const fetching = { kept, build, nowMs, chance: Math.random(), signal: memory.end.signal };
  const download = fetchSource(declared, record, fetching)
    .then(
      (fetched) => {
        memory.records.set(name, fetched.record);
        tell(declared, fetched.outcome, memory, context);
      },
      (error: unknown) => void (memory.end.signal.aborted || memory.failures.push(error)),
    )
    .finally(() => memory.underWay.delete(name));
  memory.underWay.set(name, download);
}

function tell(
  { name: source }: DeclaredSource,
  fetched: FetchOutcome,
  { saidEmpty }: Memory,
  { log, metrics }: CatalogContext,
): void {
  if (fetched.outcome === 'nothing') {
    if (!saidEmpty.has(source)) log.info({ source }, `the source ${source} has no file yet`);
    saidEmpty.add(source);
    return;
  }
  catalogMetrics(metrics).fetches.inc({ source, outcome: fetched.outcome });
  if (fetched.outcome === 'failed') log.error({ source }, fetched.why);
  else log.info({ source, ...fetched }, `the source ${source} was fetched`);
}

async function publishWhatCame(
  { kept, build }: Work,
  memory: Memory,
  context: CatalogContext,
): Promise<void> {
  const { ports, config, time } = context;
  const records = await Promise.all(
    ports.elements.declared.map(async (declared) => ({ declared, record: await kept.record(declared) })),
  );
  const isWaiting =
    records.every(({ declared, record }) => !record.text && !declared.required) ||
    records.some(({ declared, record }) => !record.text && memory.underWay.has(declared.name));
  const inputs = inputsOf(records.map(({ declared: { name }, record }) => ({ name, text: record.text })));
  const nightMs = time.night();
  const decided = memory.decided?.inputs === inputs && nightMs < memory.decided.untilMs;
  if (isWaiting || decided) return;
  const texts = (): Promise<SourceText[]> =>
    Promise.all(
      records.map(async ({ declared, record }) => ({
        declared,
        bytes: await kept.text(declared, record),
      })),
    );
  const refreshed = await refresh(
    {
      asOf: mjdUtcFromUnixMs(nightMs),
      chosen: false,
      inputs,
      maxAgeHours: config.SNAPSHOT_MAX_AGE_HOURS,
      texts,
    },
    { ...ports, build },
  );
  memory.decided = { inputs, untilMs: nightMs + againMs };
  announce(refreshed, context);
}

/** A refusal is an error: the catalogue in force grows old, until the gate refuses it. */
function announce(refreshed: Refreshed, { log, metrics }: CatalogContext): void {
  catalogMetrics(metrics).snapshots.inc({ outcome: refreshed.outcome });
  if ('why' in refreshed) {
    const { outcome, why } = refreshed;
    log.error({ outcome }, `no new satellite catalogue, the one before stays in force: ${why}`);
    return;
  }
  const { id, asOfUtc, count, newestEpochUtc } = refreshed.entry;
  log.info({ id, asOfUtc, count, newestEpochUtc }, `satellite catalogue ${refreshed.outcome}`);
}

async function newestAgeHours({ ports, time }: CatalogContext): Promise<number | undefined> {
  const newest = (await listedSnapshots(ports.products)).at(-1);
  return newest && ageHoursAt(snapshotOf(newest), mjdUtcFromUnixMs(time.night()));
}
