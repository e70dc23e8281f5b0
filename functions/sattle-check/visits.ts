import { snapshotFor } from './catalogue.ts';
import type { SattleContext } from './configuration.ts';
import {
  nameOf,
  parseVisit,
  type ToldVisit,
  toldAlike,
  type VisitName,
  visitKey,
  visitRecord,
} from './core.ts';
import type { Counters } from './counters.ts';
import { withSnapshot } from './geometry.ts';
import type { Judging } from './geometry-thread.ts';
import { badRequest } from './refusal.ts';

/**
 * Finds the satellites of a visit and then keeps what was told, for all replicas. Of two who tell it differently the
 * second is refused, since the request for an allow list does not say which times it means.
 */
export async function cacheVisit(
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

/** What was told of a visit, to whichever replica. */
export async function toldBefore(visit: VisitName, { ports }: SattleContext): Promise<ToldVisit | undefined> {
  const bytes = await ports.products.get(visitKey(visit));
  return bytes && parseVisit(Buffer.from(bytes).toString());
}

/** What a visit is judged by in the geometry thread. */
export function judgingOf(told: ToldVisit, snapshotId: string, { config }: SattleContext): Judging {
  const uncertainty = {
    crossTrackKm: config.SATELLITE_SIGMA_KM,
    crossTrackKmPerDay: config.SATELLITE_SIGMA_KM_PER_DAY,
  };
  return { told, snapshotId, uncertainty };
}
