import {
  chooseSnapshot,
  parseSnapshotIndex,
  type Snapshot,
  snapshotIndexKey,
} from '#shared/domain/satellites/snapshot.ts';
import { mjdTai, mjdUtcFromTai, mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { SattleContext } from './configuration.ts';
import type { ToldVisit } from './core.ts';
import { withSnapshot } from './geometry.ts';
import { brokenCatalogue, Refusal } from './refusal.ts';

interface Index {
  readonly eTag: string;
  readonly snapshots: readonly Snapshot[];
}

/** The index as it was last read: a year of hours is 5 MB, which is not parsed for each of 189 detectors. */
const indexes = new WeakMap<ObjectStore, Index>();

/** All snapshots that are published now; none where there is no index. */
export async function publishedSnapshots(products: ObjectStore): Promise<readonly Snapshot[]> {
  const now = await products.head(snapshotIndexKey);
  if (!now) return [];
  const known = indexes.get(products);
  if (known?.eTag === now.eTag) return known.snapshots;
  const bytes = await products.get(snapshotIndexKey);
  if (!bytes) return [];
  const snapshots = parseIndex(Buffer.from(bytes).toString());
  indexes.set(products, { eTag: now.eTag, snapshots });
  return snapshots;
}

function parseIndex(text: string): Snapshot[] {
  try {
    return parseSnapshotIndex(text);
  } catch (error) {
    throw brokenCatalogue(error instanceof Error ? error.message : String(error), error);
  }
}

export interface Aged {
  readonly snapshot: Snapshot;
  /** Hours between it, or its newest element set, and the moment it is used for. */
  readonly ageHours: number;
}

/** What a visit is judged by. Throws a Refusal where that is nothing. */
export async function snapshotFor(
  { endMjdTai, historical }: ToldVisit,
  { ports, config }: SattleContext,
): Promise<Aged> {
  const snapshots = await publishedSnapshots(ports.products);
  const end = mjdUtcFromTai(mjdTai(endMjdTai));
  const choice = chooseSnapshot(snapshots, end, { maxAgeHours: config.SNAPSHOT_MAX_AGE_HOURS, historical });
  if (choice.snapshot) return choice;
  throw new Refusal(503, choice.reason, `Nothing can be allowed: ${choice.why}.`);
}

/** What would be judged by if there were no limit. */
export const ofAnyAge = { maxAgeHours: Number.POSITIVE_INFINITY, historical: false };

/** How often a new snapshot is looked for. */
const lookEveryMs = 60_000;

/**
 * Loads the catalogue of the hour, so that the first visit does not wait for it (1 s), and each later one as it is
 * published. Without one the function starts as well. The answer ends it.
 */
export async function keepLoaded(context: SattleContext): Promise<() => Promise<void>> {
  let look = loadCurrent(context);
  let isLooking = true;
  const again = () => {
    if (isLooking) return;
    isLooking = true;
    look = loadCurrent(context).finally(() => {
      isLooking = false;
    });
  };
  const timer = setInterval(again, lookEveryMs);
  await look;
  isLooking = false;
  return async () => {
    clearInterval(timer);
    await look;
  };
}

/** Where none is fresh the nearest is loaded: a site that processes past nights has only such. */
async function loadCurrent(context: SattleContext): Promise<void> {
  const { ports, log, time, signal } = context;
  try {
    const moment = mjdUtcFromUnixMs(time.night());
    const choice = chooseSnapshot(await publishedSnapshots(ports.products), moment, ofAnyAge);
    if (!choice.snapshot) return log.warn(`nothing can be judged now: ${choice.why}`);
    const { snapshot, ageHours } = choice;
    let loaded = false;
    await withSnapshot(
      snapshot,
      ports,
      async (calls) => {
        const held = await calls.holds(snapshot.id);
        loaded ||= held === undefined;
        return held;
      },
      signal,
    );
    if (loaded) log.info({ snapshot: snapshot.id, count: snapshot.count, ageHours }, 'catalogue loaded');
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error }, 'there is no satellite catalogue to judge by now');
  }
}
