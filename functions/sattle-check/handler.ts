import type { Context as Reply } from 'hono';
import { type Context, defineFunction, Fault, faults, isFault, limitBody } from 'openfaas-sdk-ts';
import { z } from 'zod';
import {
  chooseSnapshot,
  parseSnapshotIndex,
  type Snapshot,
  snapshotIndexKey,
} from '#shared/domain/satellites/snapshot.ts';
import { mjdTai, mjdUtcFromTai } from '#shared/domain/time/scales.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { parseVisit, Refusal, type ToldVisit, toldAlike, visitKey, visitRecord } from './core.ts';
import { geometry, stopGeometry, withSnapshot } from './geometry.ts';

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
  async start() {
    geometry();
    return stopGeometry;
  },
});

/** Keeps what was told for all replicas, and finds the satellites already; the answer's text is the original's. */
async function cacheVisit(told: ToldVisit, context: SattleContext): Promise<string> {
  const { products } = context.ports;
  const record = Buffer.from(visitRecord(told));
  const { stored } = await products.put(visitKey(told.visit), record, { ifAbsent: true });
  const known = stored ? told : await toldBefore(told.visit, context);
  if (!known) throw new Error(`The visit ${told.visit} was there and is not.`);
  if (!toldAlike(told, known))
    throw new Refusal(400, `Visit ${told.visit} was told before with other times or another boresight.`);
  const { snapshot, ageHours } = await snapshotFor(known, context);
  const traced = await withSnapshot(snapshot, products, () =>
    geometry().trace({ told: known, snapshotId: snapshot.id }),
  );
  const visit = told.visit.toString();
  context.log.info({ visit, snapshot: snapshot.id, ageHours, ...traced }, 'satellites of a visit found');
  return stored
    ? `Successfully cached satellites for visit ${told.name} using `
    : `Visit ${told.visit} already loaded.`;
}

async function allowList(body: Uint8Array, context: SattleContext): Promise<string> {
  const query = await geometry().read(body);
  if ('status' in query) throw new Refusal(query.status, query.text);
  const told = await toldBefore(query.visit, context);
  if (!told) throw new Refusal(404, `Provided visit ${query.name} not present in cache!.`);
  const { snapshot } = await snapshotFor(told, context);
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

async function snapshotFor(
  { endMjdTai }: ToldVisit,
  { ports, config }: SattleContext,
): Promise<{ snapshot: Snapshot; ageHours: number }> {
  const index = await ports.products.get(snapshotIndexKey);
  const snapshots = index ? parseSnapshotIndex(Buffer.from(index).toString()) : [];
  const choice = chooseSnapshot(snapshots, mjdUtcFromTai(mjdTai(endMjdTai)), config.SNAPSHOT_MAX_AGE_HOURS);
  if (choice.snapshot) return choice;
  throw new Fault('NS_DEPENDENCY_UNAVAILABLE', `Nothing can be allowed: ${choice.why}.`, {
    dependency: 'satellite snapshot',
  });
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
