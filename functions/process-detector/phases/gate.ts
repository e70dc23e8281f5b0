import { isFault, type Outcome } from 'openfaas-sdk-ts';
import type { GateVisit } from '#shared/domain/satellites/gate-question.ts';
import { advance } from '../claims.ts';
import { waitingSlots } from '../core.ts';
import { earlierOnStream, openSlots } from '../earlier.ts';
import { type Facts, known, type Phase, type Room } from '../facts.ts';
import { gatedOf } from '../gating.ts';
import { endSlot, note } from '../ledger.ts';
import type { Measured, NumberedSource } from '../measured.ts';
import { metricsOf } from '../metrics.ts';
import { eraseAbandoned, eraseSealed, keepSealed, measuredOf } from '../sealed.ts';

/**
 * Asks the satellite gate which sources may be known, then drops trails and, of the rest, what is not reliable enough.
 * It fails closed: without a proper answer the work stays sealed and the unit is held; after GATE_PENDING_MAX it is
 * withheld for good.
 */
export const gate: Phase = async (facts, room) => {
  const measured = await measuredOf(facts, room);
  const allowed = await askGate(facts, room, measured);
  if (!allowed) return endWithheld(await advance(facts, room, 'withheld'), room);
  const rules = {
    trailLimitDegPerDay: room.config.TRAIL_LIMIT_DEG_PER_DAY,
    leastReliability: room.config.MIN_RELIABILITY,
  };
  const earlier = await earlierOnStream(facts, room);
  const before = waitingSlots(await openSlots(earlier, room));
  const answered = { atMs: room.time.wall(), before };
  const gated: Measured = { ...gatedOf(measured, allowed, rules), answered };
  // From here on the removed sources are nowhere any more.
  await keepSealed(facts, room, gated);
  await eraseAbandoned(facts, room);
  const advanced = await advance(facts, room, 'gated');
  await note(advanced, room, 'gated', { counts: { sources: gated.sources.length, ...gated.removed } });
  return { ...advanced, measured: gated, earlier };
};

/** Erases what is sealed of a detector that is withheld. Said twice, after a kill in between, it does no harm. */
export async function endWithheld(facts: Facts, room: Room): Promise<Outcome> {
  await eraseSealed(facts, room);
  const why = `the gate did not answer within ${room.config.GATE_PENDING_MAX} s`;
  return endSlot(facts, room, 'withheld', why);
}

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
      failed: (reason) => metricsOf(room.metrics).gateFailures.inc({ reason }),
    });
  } catch (error) {
    // What else ends the wait, as a stop of the process, is no failure of the gate.
    if (!isFault(error) || error.dependency !== 'sattle') throw error;
    const owingSeconds = (room.time.wall() - measured.measuredMs) / 1000;
    if (owingSeconds > room.config.GATE_PENDING_MAX) return undefined;
    throw error;
  }
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
