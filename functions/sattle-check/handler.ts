import type { Context as Reply } from 'hono';
import { type Context, defineFunction, faults, isFault, limitBody } from 'openfaas-sdk-ts';
import { z } from 'zod';
import {
  chooseSnapshot,
  parseSnapshotIndex,
  type Snapshot,
  snapshotIndexKey,
} from '#shared/domain/satellites/snapshot.ts';
import { type MjdUtc, mjdTai, mjdUtcFromTai, mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { parseVisit, Refusal, type ToldVisit, toldAlike, visitKey, visitRecord } from './core.ts';
import { geometry, loadSnapshot, stopGeometry, unusable, withSnapshot } from './geometry.ts';

/** 75,000 sources of some 210 bytes; a detector has at most a few thousand. */
const longestQuery = 16 * 1024 * 1024;
const longestVisit = 64 * 1024;

const config = z.object({
  SNAPSHOT_MAX_AGE_HOURS: z.coerce
    .number()
    .positive()
    .default(24)
    .describe(
      'Hours between a visit and the satellite catalogue it is judged by; beyond, nothing is allowed.',
    ),
});
const ports = { products: objectStore('products') };
type SattleContext = Context<z.infer<typeof config>, typeof ports>;

/**
 * Sattle's HTTP contract (lsst-dm/sattle), but for its route that dumps the cache. What visit_cache was told lies in
 * the bucket, so that any replica answers; the tracks are in the memory of its geometry thread alone.
 */
export default defineFunction({
  name: 'sattle-check',
  summary:
    'Answers which sources of a detector may be published, because no catalogued satellite passed there.',
  config,
  ports,
  http(app, context) {
    app.put('/visit_cache', limitBody(longestVisit), (reply) =>
      answering(reply, context, 'failed to compute', 500, async () => {
        const told = parseVisit(await reply.req.text());
        return reply.text(await cacheVisit(told, context));
      }),
    );
    app.put('/diasource_allow_list', limitBody(longestQuery), (reply) =>
      answering(reply, context, 'Failed computing allow_list', 400, async () => {
        const body = await allowList(new Uint8Array(await reply.req.arrayBuffer()), context);
        return reply.body(body, 200, { 'content-type': 'application/json; charset=utf-8' });
      }),
    );
  },
  async start(context) {
    await warm(context);
    return stopGeometry;
  },
});

/** Loads the catalogue of the hour, so that the first visit does not wait for it (1 s); without one it starts as well. */
async function warm(context: SattleContext): Promise<void> {
  try {
    const { snapshot } = await snapshotAt(mjdUtcFromUnixMs(context.time.night()), context);
    await loadSnapshot(snapshot, context.ports.products);
  } catch (error) {
    context.log.warn({ err: error }, 'started without a satellite catalogue');
  }
}

/**
 * Finds the satellites of a visit and then keeps what was told, for all replicas. Of two who tell it differently the
 * second is refused, since the request for an allow list does not say which times it means.
 */
async function cacheVisit(told: ToldVisit, context: SattleContext): Promise<string> {
  const { ports, log } = context;
  const before = await toldBefore(told.visit, context);
  if (before && !toldAlike(told, before))
    throw new Refusal(400, `Visit ${told.visit} was told before with other times or another boresight.`);
  const known = before ?? told;
  const { snapshot, ageHours } = await snapshotAt(endOf(known), context);
  const traced = await withSnapshot(snapshot, ports.products, () =>
    geometry().trace({ told: known, snapshotId: snapshot.id }),
  );
  if (before) return `Visit ${told.visit} already loaded.`;
  const record = Buffer.from(visitRecord(told));
  const { stored } = await ports.products.put(visitKey(told.visit), record, { ifAbsent: true });
  if (!stored) return cacheVisit(told, context);
  const visit = told.visit.toString();
  log.info({ visit, snapshot: snapshot.id, ageHours, ...traced }, 'satellites of a visit found');
  return `Successfully cached satellites for visit ${told.name} using `;
}

async function allowList(body: Uint8Array, context: SattleContext): Promise<string> {
  const query = await geometry().read(body);
  if ('status' in query) throw new Refusal(query.status, query.text);
  const told = await toldBefore(query.visit, context);
  if (!told) throw new Refusal(404, `Provided visit ${query.name} not present in cache!.`);
  const { snapshot } = await snapshotAt(endOf(told), context);
  const answer = await withSnapshot(snapshot, context.ports.products, () =>
    geometry().allow({ told, snapshotId: snapshot.id, query }),
  );
  if ('status' in answer) throw new Refusal(answer.status, answer.text);
  return answer.body;
}

async function toldBefore(visit: bigint, { ports }: SattleContext): Promise<ToldVisit | undefined> {
  const bytes = await ports.products.get(visitKey(visit));
  return bytes && parseVisit(Buffer.from(bytes).toString());
}

const endOf = ({ endMjdTai }: ToldVisit): MjdUtc => mjdUtcFromTai(mjdTai(endMjdTai));

async function snapshotAt(
  exposureEnd: MjdUtc,
  { ports, config }: SattleContext,
): Promise<{ snapshot: Snapshot; ageHours: number }> {
  const index = await ports.products.get(snapshotIndexKey);
  const snapshots = index ? parseSnapshotIndex(Buffer.from(index).toString()) : [];
  const choice = chooseSnapshot(snapshots, exposureEnd, {
    maxAgeHours: config.SNAPSHOT_MAX_AGE_HOURS,
    historical: false,
  });
  if (choice.snapshot) return choice;
  throw unusable(`Nothing can be allowed: ${choice.why}.`);
}

/** Errors in the original's shape, a status and a sentence as text; none of them lets a source through. */
async function answering(
  reply: Reply,
  { log }: SattleContext,
  unexpected: string,
  unexpectedStatus: 400 | 500,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) {
      log.warn({ status: error.status }, error.message);
      return reply.text(error.message, error.status);
    }
    log.error({ err: error }, `${unexpected}, so nothing is allowed`);
    if (!isFault(error)) return reply.text(unexpected, unexpectedStatus);
    return reply.text(error.message, faults[error.code].status === 503 ? 503 : 500);
  }
}
