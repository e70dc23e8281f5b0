import { isFault } from 'openfaas-sdk-ts';
import type { Logger } from 'pino';
import { arrivalKeyOf } from '#shared/domain/ids/arrival-key.ts';
import { queueList } from '#shared/domain/ingest/lists.ts';
import { receiptOf } from '#shared/domain/ingest/receipt.ts';
import type { Arrival, Arrivals } from '#shared/ports/arrivals.ts';
import type { Butler } from '#shared/ports/butler.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { readRawHeader } from '#shared/ports/raw-header.ts';
import type { WorkQueue } from '#shared/ports/work-queue.ts';
import type { RawObject } from './core.ts';

export interface Room {
  readonly ports: {
    readonly raw: ObjectStore;
    readonly queue: WorkQueue;
    readonly arrivals: Arrivals;
    readonly butler: Butler;
  };
  readonly config: { readonly BUCKET: string; readonly GROUP_LIFETIME: number };
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Compares some raws of the bucket with what is known of them: queues those that nobody announced, and tells presence
 * again of those that it has forgotten. What was queued before (and waits, is in hand, or is set aside) has a
 * receipt, by which the queue knows it, so it is not queued a second time.
 */
export async function reconcile(raws: readonly RawObject[], wallMs: number, room: Room): Promise<void> {
  const { ports, config, log } = room;
  const known = await ports.butler.known(raws.map(({ datasetId }) => datasetId));
  const unknown = raws.filter(({ datasetId }) => !known.has(datasetId));
  const outcomes = await ports.queue.push(
    queueList(config.BUCKET),
    unknown.map(({ path, eTag }) => ({ item: path.path, eTag, receipt: receiptOf(path, wallMs) })),
  );
  const queued = outcomes.filter((outcome) => outcome === 'queued').length;
  if (queued > 0)
    log.warn({ queued }, 'raws were in the bucket that nobody had announced; they are queued now');
  const ingested = raws.filter(
    ({ datasetId, isGuider, modifiedMs }) =>
      known.has(datasetId) && !isGuider && wallMs - modifiedMs < config.GROUP_LIFETIME * 1000,
  );
  for (const exposure of Map.groupBy(ingested, ({ path }) => path.expId).values()) {
    await restoreArrivals(exposure, room);
  }
}

/** Presence forgets all of an exposure or nothing, so one raw is asked for, and the others only where it is missing. */
async function restoreArrivals(exposure: readonly RawObject[], room: Room): Promise<void> {
  const { ports, config, log } = room;
  const first = await arrivalOf(exposure[0], room);
  if (!first || (await ports.arrivals.find(first))) return;
  const arrivals = await Promise.all(exposure.map((raw) => arrivalOf(raw, room)));
  const found = arrivals.flatMap((arrival) => arrival ?? []);
  await ports.arrivals.announce(found, config.GROUP_LIFETIME);
  log.warn(
    { exposure: exposure[0].path.expId, raws: found.length },
    'presence had forgotten raws of an exposure',
  );
}

/** Undefined without a header or a group. */
async function arrivalOf(
  { key, path }: RawObject,
  { ports, log, signal }: Room,
): Promise<Arrival | undefined> {
  try {
    const header = await readRawHeader(ports.raw, key, { signal });
    const arrival = header && arrivalKeyOf(header.keywords);
    return arrival && { ...arrival, uri: `s3://${path.path}` };
  } catch (error) {
    if (!isFault(error, 'NS_RECORD_UNREADABLE')) throw error;
    log.warn({ key, err: error }, 'the header of a raw cannot be read, so presence is not told of it');
    return undefined;
  }
}
