import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { parseSnapshotEntries, type SnapshotEntry } from '#shared/domain/satellites/snapshot-entry.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { parseSources, type WrittenSource } from '#shared/wiring/element-source-file.ts';
import { openElementSources } from '#shared/wiring/element-sources.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { catalogSeal } from '#shared/wiring/seal.ts';
import { buildWork } from '../../../functions/satellite-catalog/build-work.ts';
import type { CatalogContext } from '../../../functions/satellite-catalog/handler.ts';
import { begin, stop, tick } from '../../../functions/satellite-catalog/tick.ts';
import { embeddedWorld } from '../../support/embedded.ts';
import { spaceTrackUser } from '../../support/space-track-server.ts';

export const HOUR = 3_600_000;

/** satellite-catalog on a data folder of its own, ticked by hand with clocks that a test sets. */
export interface CatalogWorld {
  readonly data: string;
  readonly products: ObjectStore;
  /** Unix ms: night time and the process's clock. */
  clock: { night: number; wall: number };
  /** Everything that was logged, as text. */
  log(): string;
  tick(): Promise<void>;
  /** Another replica, or the same after its death, on the same data folder. */
  restart(): Promise<void>;
  /** Passes both clocks on. */
  wait(ms: number): void;
  snapshots(): Promise<SnapshotEntry[]>;
  count(name: string, labels?: Record<string, string>): Promise<number | undefined>;
}

export async function catalogWorld(
  sources: readonly WrittenSource[],
  {
    startUtc = '2026-03-05T00:00:00Z',
    products: wrapped = (store: ObjectStore) => store,
    patienceMs = 15_000,
  } = {},
): Promise<CatalogWorld> {
  const embedded = embeddedWorld();
  const products = await embedded.open(objectStore('products'));
  const seal = await embedded.open(catalogSeal);
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const { user, password } = spaceTrackUser;
  const credentials: Record<string, string> = { SPACETRACK_USER: user, SPACETRACK_PASSWORD: password };
  const environment = (name: string) => credentials[name] ?? embedded.environment[name];
  const startMs = Date.parse(startUtc);
  const clock = { night: startMs, wall: startMs };
  let running: { context: CatalogContext; registry: Registry };

  const start = async () => {
    const elements = await openElementSources(parseSources({ sources }), {
      environment,
      log,
      functionName: 'test',
    });
    const registry = new Registry();
    const context: CatalogContext = {
      config: { SNAPSHOT_MAX_AGE_HOURS: 24 },
      ports: { products: wrapped(products), seal, elements },
      time: { night: () => clock.night, wall: () => clock.wall, process: () => performance.now() },
      log,
      metrics: registry,
      signal: new AbortController().signal,
    };
    begin(context);
    running = { context, registry };
  };
  await start();
  onTestFinished(() => stop(running.context));
  return {
    data: embedded.data,
    products,
    clock,
    log: () => lines.join(''),
    tick: () => tick(running.context, { build: buildWork, patienceMs }),
    async restart() {
      await stop(running.context);
      await start();
    },
    wait(ms) {
      clock.night += ms;
      clock.wall += ms;
    },
    async snapshots() {
      const bytes = await products.get('satellites/snapshots/index.json');
      return bytes ? parseSnapshotEntries(Buffer.from(bytes).toString()) : [];
    },
    async count(name, labels = {}) {
      const { values } = await running.registry.getSingleMetric(name)!.get();
      return values.find((value) =>
        Object.entries(labels).every(([label, wanted]) => value.labels[label] === wanted),
      )?.value;
    },
  };
}

/** Puts a file into a folder, old enough to count as whole; each later one is newer. */
let modified = 1_700_000_000;
export function drop(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
  modified += 1;
  utimesSync(join(folder, name), modified, modified);
}
