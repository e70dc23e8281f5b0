import { type Context, defineFunction, handOver } from 'openfaas-sdk-ts';
import { nonceHeader, signatureHeader, snapshotHeader } from '#shared/domain/satellites/gate-signature.ts';
import { answering } from './answering.ts';
import { readBody, withBody } from './body.ts';
import { keepLoaded, snapshotFor } from './catalogue.ts';
import { config, ports, type SattleConfig, type SattlePorts } from './configuration.ts';
import {
  nameOf,
  parseVisit,
  type ToldVisit,
  toldAlike,
  type VisitName,
  visitKey,
  visitRecord,
} from './core.ts';
import { type Counters, countersOf, orientationDaysLeft } from './counters.ts';
import { askGeometry, stopGeometry, withSnapshot } from './geometry.ts';
import type { Judging, Signing } from './geometry-thread.ts';
import { tokenBucket } from './rate-limit.ts';
import { badRequest, Refusal } from './refusal.ts';
import { turnstile } from './turnstile.ts';

/** 75,000 sources of some 210 bytes; a detector has at most a few thousand. */
const longestQuery = { bytes: 16 * 1024 * 1024, seconds: 5 };
const longestVisit = { bytes: 64 * 1024, seconds: 5 };
/** Above 2 MiB, 10,000 sources, as no detector has them, a request takes 0.1 s and more: one at a time. */
const largeBytes = 2 * 1024 * 1024;
/**
 * A visit asks 4 times for each of 189 detectors where every first try fails: five at once, then one every 4 s, which
 * catches up with a night's backlog ten times as fast as it grew.
 */
const rate = { burst: 4000, perSecond: 200 };
/** Base64url or hexadecimal digits of 64 bits and more. */
const nonceForm = /^[\w-]{16,128}$/;

type SattleContext = Context<SattleConfig, SattlePorts>;

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
    const counters = countersOf(context);
    const takeToken = tokenBucket(rate);
    const lane = { bytes: largeBytes, turns: turnstile(1) };
    const limitRate = () => {
      const seconds = takeToken(context.time.process());
      if (seconds > 0)
        throw new Refusal(429, 'rate_limited', `Too many requests; ask again in ${Math.ceil(seconds)} s.`);
    };
    app.put('/visit_cache', (reply) =>
      answering(reply, context, counters, { status: 500, text: 'failed to compute' }, async () => {
        limitRate();
        const { raw } = reply.req;
        const told = parseVisit(Buffer.from(await readBody(raw, longestVisit)).toString());
        return reply.text(await cacheVisit(told, context, counters, raw.signal));
      }),
    );
    app.put('/diasource_allow_list', (reply) =>
      answering(reply, context, counters, { status: 400, text: 'Failed computing allow_list' }, async () => {
        limitRate();
        const { raw } = reply.req;
        const sign = signingOf(reply.req.header(nonceHeader), context.config.GATE_KEY);
        return withBody(raw, longestQuery, lane, (body) =>
          allowList({ body, sign, signal: raw.signal }, context, counters),
        );
      }),
    );
  },
  async start(context) {
    warnOfHorizon(context);
    const end = await keepLoaded(context);
    return async () => {
      await end();
      await stopGeometry();
    };
  },
});

/**
 * Finds the satellites of a visit and then keeps what was told, for all replicas. Of two who tell it differently the
 * second is refused, since the request for an allow list does not say which times it means.
 */
async function cacheVisit(
  told: ToldVisit,
  context: SattleContext,
  counters: Counters,
  signal: AbortSignal,
): Promise<string> {
  const { ports, log } = context;
  const before = await toldBefore(told, context);
  if (before && !toldAlike(told, before))
    throw badRequest(
      `Visit ${nameOf(told)} was told before with other times or another boresight; if those were wrong, remove ${visitKey(told)}.`,
    );
  const known = before ?? told;
  const { snapshot, ageHours } = await snapshotFor(known, context);
  const judging = judgingOf(known, snapshot.id, context);
  const traced = await withSnapshot(snapshot, ports, (calls) => calls.trace(judging), signal);
  if (before) return `Visit ${told.visit} already loaded.`;
  const record = Buffer.from(visitRecord(told));
  const { stored } = await ports.products.put(visitKey(told), record, { ifAbsent: true });
  if (!stored) return cacheVisit(told, context, counters, signal);
  counters.crossing.observe(traced.crossing);
  log.info(
    { visit: nameOf(told), snapshot: snapshot.id, ageHours, ...traced },
    'satellites of a visit found',
  );
  return `Successfully cached satellites for visit ${nameOf(told)} using `;
}

interface Asked {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly sign: Signing | undefined;
  readonly signal: AbortSignal;
}

async function allowList(
  { body, sign, signal }: Asked,
  context: SattleContext,
  counters: Counters,
): Promise<Response> {
  const query = await askGeometry((calls) => calls.read(handOver(body, [body])), signal);
  const told = await toldBefore(query, context);
  if (!told)
    throw new Refusal(404, 'unknown_visit', `Provided visit ${nameOf(query)} not present in cache!.`);
  const { snapshot } = await snapshotFor(told, context);
  const input = { ...judgingOf(told, snapshot.id, context), query, ...(sign && { sign }) };
  const answer = await withSnapshot(snapshot, context.ports, (calls) => calls.allow(input), signal);
  const { asked, removed, small, signature } = answer;
  counters.sources.inc({ answer: 'allowed' }, asked - removed);
  counters.sources.inc({ answer: 'removed' }, removed);
  counters.smallBoxes.inc(small);
  const detector = query.detector.toString();
  const audit = { visit: nameOf(told), detector, asked, removed, small, snapshot: snapshot.id };
  context.log.info(audit, 'allow list answered');
  const signed = signature && { [snapshotHeader]: snapshot.id, [signatureHeader]: signature };
  return new Response(answer.body, {
    headers: { 'content-type': 'application/json; charset=utf-8', ...signed },
  });
}

/** What the answer is signed with; undefined where it need not be. */
function signingOf(nonce: string | undefined, key: string | undefined): Signing | undefined {
  if (nonce === undefined || key === undefined) return undefined;
  if (nonceForm.test(nonce)) return { key, nonce };
  throw badRequest(`${nonceHeader} is not 16 to 128 characters of base64url or hexadecimal digits.`);
}

function judgingOf(told: ToldVisit, snapshotId: string, { config }: SattleContext): Judging {
  const uncertainty = {
    crossTrackKm: config.SATELLITE_SIGMA_KM,
    crossTrackKmPerDay: config.SATELLITE_SIGMA_KM_PER_DAY,
  };
  return { told, snapshotId, uncertainty };
}

async function toldBefore(visit: VisitName, { ports }: SattleContext): Promise<ToldVisit | undefined> {
  const bytes = await ports.products.get(visitKey(visit));
  return bytes && parseVisit(Buffer.from(bytes).toString());
}

/** Beyond the table's end UT1 is a guess, and corridors grow by 0.5 m of observer a day: a new release brings the next. */
function warnOfHorizon({ time, log }: SattleContext): void {
  const daysLeft = Math.floor(orientationDaysLeft(time.night()));
  if (daysLeft < 0)
    log.error({ daysLeft }, 'the table of the Earth’s orientation has ended; update Nightshift');
  else if (daysLeft < 60)
    log.warn({ daysLeft }, 'the table of the Earth’s orientation ends soon; update Nightshift');
}
