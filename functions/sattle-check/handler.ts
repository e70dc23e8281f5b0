import { defineFunction } from 'openfaas-sdk-ts';
import { nonceHeader } from '#shared/domain/satellites/gate-signature.ts';
import { allowList, signingOf } from './allow-list.ts';
import { answering } from './answering.ts';
import { readBody, withBody } from './body.ts';
import { keepLoaded } from './catalogue.ts';
import { config, ports, type SattleContext } from './configuration.ts';
import { parseVisit } from './core.ts';
import { countersOf, orientationDaysLeft } from './counters.ts';
import { stopGeometry } from './geometry.ts';
import { tokenBucket } from './rate-limit.ts';
import { Refusal } from './refusal.ts';
import { turnstile } from './turnstile.ts';
import { cacheVisit } from './visits.ts';

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

/** Beyond the table's end UT1 is a guess, and corridors grow by 0.5 m of observer a day: a new release brings the next. */
function warnOfHorizon({ time, log }: SattleContext): void {
  const daysLeft = Math.floor(orientationDaysLeft(time.night()));
  if (daysLeft < 0)
    log.error({ daysLeft }, 'the table of the Earth’s orientation has ended; update Nightshift');
  else if (daysLeft < 60)
    log.warn({ daysLeft }, 'the table of the Earth’s orientation ends soon; update Nightshift');
}
