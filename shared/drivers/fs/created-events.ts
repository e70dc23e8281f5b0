import type { TopicSink } from 'openfaas-sdk-ts';
import { swapHalves } from '../../domain/ingest/notification.ts';
import { effect } from '../effects.ts';
import { type EmbeddedOptions, openBus } from '../sqlite/bus.ts';
import { type Database, read, waitFor, write } from '../sqlite/database.ts';
import { objectsFolder } from './object-store.ts';
import { removeOldDrafts, settlePendingPuts } from './pending-puts.ts';

export interface Delivery extends EmbeddedOptions {
  readonly bucket: string;
  /** enqueue's `/notify`. */
  readonly notifyUrl: string;
  /** NOTIFICATION_SECRET: goes with each event as `opaqueData`. */
  readonly secret: string;
  readonly log: TopicSink;
  /** BUCKET_TOPIC. */
  readonly topic: string;
  readonly signal: AbortSignal;
  /** Hears of each delivery that failed and will be repeated. */
  readonly warn: (sentence: string) => void;
}

/** Deliveries at a time, as RGW's persistent topics. */
const IN_FLIGHT = 32;
const POST_TIMEOUT_MS = 10_000;
const LONGEST_PAUSE_MS = 5000;

/**
 * Does for an embedded bucket what a site's Ceph does: POSTs each created event to enqueue and appends it to the
 * bucket's topic, at least once each, roughly in order, until the signal aborts. An event that fails is repeated
 * behind those that have not failed; while nothing succeeds, one event at a time probes with a growing pause.
 */
export async function deliverCreatedEvents(delivery: Delivery): Promise<void> {
  const { data, bucket, signal, warn } = delivery;
  const bus = await openBus(delivery);
  const inFlight = new Map<number, Promise<void>>();
  let failuresInARow = 0;

  const failed = (what: string, error: unknown) => warn(`${what} will be tried again: ${error}`);
  const start = (event: CreatedEvent) => {
    const delivering = deliver(bus, event, delivery)
      .catch((error: unknown) => [error])
      .then((errors) => {
        failuresInARow = errors.length === 0 ? 0 : failuresInARow + 1;
        for (const error of errors) failed(`The created event of ${bucket}/${event.key}`, error);
      })
      .finally(() => inFlight.delete(event.sequencer));
    inFlight.set(event.sequencer, delivering);
  };
  const startDue = async () => {
    await settlePendingPuts(bus, objectsFolder(data), bucket);
    const limit = failuresInARow > 0 ? 1 : IN_FLIGHT;
    const due = await waitFor(bus, { waitSeconds: 1, signal }, async () => {
      const oldest = await read(bus, () => oldestEvents(bus, bucket, limit));
      const next = oldest.filter(({ sequencer }) => !inFlight.has(sequencer)).slice(0, limit - inFlight.size);
      return next.length > 0 ? next : undefined;
    });
    if (!signal.aborted) due?.forEach(start);
  };

  try {
    await removeOldDrafts(bus, objectsFolder(data));
    while (!signal.aborted) {
      if (failuresInARow > 0) {
        await Promise.all(inFlight.values());
        await waitFor(bus, { waitSeconds: pauseMs(failuresInARow) / 1000, signal }, async () => undefined);
      }
      await startDue().catch((error: unknown) => {
        failuresInARow += 1;
        failed(`Looking for created events of ${bucket}`, error);
      });
    }
  } finally {
    await Promise.all(inFlight.values());
    bus.close();
  }
}

const pauseMs = (failures: number) =>
  Math.min(LONGEST_PAUSE_MS, 100 * 2 ** failures) * (0.5 + Math.random() / 2);

interface CreatedEvent {
  readonly sequencer: number;
  readonly key: string;
  readonly size: number;
  readonly eTag: string;
  readonly atMs: number;
  readonly notified: boolean;
  readonly appended: boolean;
}

function oldestEvents(bus: Database, bucket: string, limit: number): CreatedEvent[] {
  return bus
    .prepare('SELECT * FROM created_events WHERE bucket = ? ORDER BY failures, sequencer LIMIT ?')
    .all(bucket, limit)
    .map((row) => ({
      sequencer: Number(row.sequencer),
      key: String(row.key),
      size: Number(row.size),
      eTag: String(row.e_tag),
      atMs: Number(row.at_ms),
      notified: row.notified === 1,
      appended: row.appended === 1,
    }));
}

/** Sends an event to whichever of the two has not acknowledged it; answers what went wrong. */
async function deliver(bus: Database, event: CreatedEvent, delivery: Delivery): Promise<unknown[]> {
  const body = JSON.stringify({ Records: [cephRecord(event, delivery)] });
  const sends = [
    ...(event.notified ? [] : [post(body, delivery).then(() => acknowledge(bus, event, 'notified'))]),
    ...(event.appended ? [] : [append(body, delivery).then(() => acknowledge(bus, event, 'appended'))]),
  ];
  const errors = (await Promise.allSettled(sends)).flatMap((sent) =>
    sent.status === 'rejected' ? [sent.reason] : [],
  );
  // Broken off by the end of this process: it is sent again at the next start, and nobody failed.
  if (delivery.signal.aborted) return [];
  if (errors.length > 0) {
    await write(bus, () => {
      bus
        .prepare('UPDATE created_events SET failures = failures + 1 WHERE sequencer = ?')
        .run(event.sequencer);
    });
  }
  return errors;
}

async function post(body: string, { notifyUrl, signal }: Delivery): Promise<void> {
  const answer = await fetch(notifyUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.any([signal, AbortSignal.timeout(POST_TIMEOUT_MS)]),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${notifyUrl} answered ${answer.status} ${text.slice(0, 200)}`);
  effect('created-events.post');
}

async function append(body: string, { log, topic, signal }: Delivery): Promise<void> {
  const [outcome] = await log.append(topic, [{ value: body }], { signal });
  if (!outcome.ok) throw outcome.fault;
}

/** The row ends when both have acknowledged. */
async function acknowledge(
  bus: Database,
  { sequencer }: CreatedEvent,
  by: 'notified' | 'appended',
): Promise<void> {
  await write(bus, () => {
    bus.prepare(`UPDATE created_events SET ${by} = 1 WHERE sequencer = ?`).run(sequencer);
    bus
      .prepare('DELETE FROM created_events WHERE sequencer = ? AND notified = 1 AND appended = 1')
      .run(sequencer);
  });
  effect(`created-events.${by}`);
}

/** One record as Ceph sends it (RGW 16 to 19): keys as they are, sizes as numbers, no region. */
function cephRecord(event: CreatedEvent, { bucket, secret }: Delivery) {
  const { key, size, eTag, atMs } = event;
  const owner = { principalId: 'nightshift' };
  return {
    eventVersion: '2.2',
    eventSource: 'ceph:s3',
    awsRegion: '',
    eventTime: new Date(atMs).toISOString(),
    eventName: 'ObjectCreated:Put',
    userIdentity: owner,
    requestParameters: { sourceIPAddress: '' },
    responseElements: { 'x-amz-request-id': '', 'x-amz-id-2': '' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: `${bucket}-notification`,
      bucket: { name: bucket, ownerIdentity: owner, arn: `arn:aws:s3:::${bucket}`, id: bucket },
      object: {
        key,
        size,
        eTag,
        versionId: '',
        sequencer: swapHalves(event.sequencer.toString(16).toUpperCase().padStart(16, '0')),
        metadata: [],
        tags: [],
      },
    },
    eventId: `${Math.floor(atMs / 1000)}.${(atMs % 1000) * 1000}.${eTag}`,
    opaqueData: secret,
  };
}
