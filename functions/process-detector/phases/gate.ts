import { isFault } from 'openfaas-sdk-ts';
import { Counter } from 'prom-client';
import { reliableSources } from '#shared/domain/image/reliability/cut.ts';
import { trailFilter } from '#shared/domain/image/trail-filter.ts';
import type { GateFailure, GateVisit } from '#shared/domain/satellites/gate-question.ts';

import { advance } from '../claims.ts';
import { type Facts, known, type Phase, type Room } from '../facts.ts';
import { endSlot, note } from '../ledger.ts';
import { type Measured, type NumberedSource, sealedKey } from '../measured.ts';
import { keepSealed, measuredOf } from '../sealed.ts';

/**
 * Asks the satellite gate which sources may be known, then drops trails and, of the rest, what is not reliable enough.
 * It fails closed: without a proper answer the work stays sealed and the unit is held; after GATE_PENDING_MAX it is
 * withheld for good.
 */
export const gate: Phase = async (facts, room) => {
  const measured = await measuredOf(facts, room);
  const allowed = await askGate(facts, room, measured);
  if (!allowed) return withhold(facts, room);
  const passed = measured.sources.filter(({ diaSourceId }) => allowed.has(diaSourceId));
  const { kept, dropped } = trailFilter(passed, {
    exposureSeconds: measured.exposure.exposureSeconds,
    limitDegPerDay: room.config.TRAIL_LIMIT_DEG_PER_DAY,
  });
  const reliable = reliableSources(kept, room.config.MIN_RELIABILITY);
  const removed = {
    ...measured.removed,
    satellites: (measured.removed.satellites ?? 0) + measured.sources.length - passed.length,
    trails: (measured.removed.trails ?? 0) + dropped.length,
    unreliable: (measured.removed.unreliable ?? 0) + kept.length - reliable.length,
  };
  const gated: Measured = { ...measured, sources: reliable, removed };
  // From here on the removed sources are nowhere any more.
  await keepSealed(facts, room, gated);
  const advanced = await advance(facts, room, 'gated');
  await note(advanced, room, 'gated', { counts: { sources: reliable.length, ...removed } });
  return { ...advanced, measured: gated };
};

/** Ids that may go on; undefined when the gate has owed its answer for too long. Its fault otherwise holds the unit. */
async function askGate(
  facts: Facts,
  room: Room,
  measured: Measured,
): Promise<ReadonlySet<bigint> | undefined> {
  if (measured.sources.length === 0) return new Set();
  const sources = measured.sources.map((source: NumberedSource) => ({
    diaSourceId: source.diaSourceId,
    bbox: source.bboxSky,
  }));
  try {
    const visit = gateVisit(facts, measured, room.config.SATTLE_HISTORICAL);
    return await room.ports.gate.allowed(visit, facts.detector.number, sources, {
      signal: room.signal,
      failed: (reason) => countFailure(room, reason),
    });
  } catch (error) {
    const owingSeconds = (room.time.wall() - measured.measuredMs) / 1000;
    if (isFault(error) && owingSeconds > room.config.GATE_PENDING_MAX) return undefined;
    throw error;
  }
}

function countFailure({ metrics }: Room, reason: GateFailure): void {
  const name = 'nightshift_gate_client_failures_total';
  const help = 'Answers of the satellite gate that could not be used, and those that did not come.';
  const known = metrics.getSingleMetric(name);
  const counter =
    known instanceof Counter
      ? known
      : new Counter({ name, help, labelNames: ['reason'], registers: [metrics] });
  counter.inc({ reason });
}

function gateVisit(facts: Facts, { exposure }: Measured, historical: boolean): GateVisit {
  const [raDeg, decDeg] = facts.request.position;
  const pointing = exposure.boresight ?? { raDeg, decDeg };
  return {
    visit: known(facts, 'claim').visit,
    beginMjdTai: exposure.beginMjdTai,
    endMjdTai: exposure.endMjdTai,
    boresightRaDeg: pointing.raDeg,
    boresightDecDeg: pointing.decDeg,
    historical,
  };
}

async function withhold(facts: Facts, room: Room): ReturnType<Phase> {
  const claim = known(facts, 'claim');
  const withheld = await advance(facts, room, 'withheld');
  await room.ports.products.delete(sealedKey(claim, claim.measuredAttempt ?? claim.attempt));
  return endSlot(
    withheld,
    room,
    'withheld',
    `the gate did not answer within ${room.config.GATE_PENDING_MAX} s`,
  );
}
