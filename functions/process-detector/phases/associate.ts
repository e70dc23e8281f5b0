import { setTimeout as sleep } from 'node:timers/promises';
import { hold, type Outcome } from 'openfaas-sdk-ts';
import { mergeDetector } from '#shared/domain/association/merge.ts';
import { padPolygon } from '#shared/domain/sky/vector.ts';
import { mjdTaiFromUtc, mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import { openEarlierSlots } from '../earlier.ts';
import { type Facts, known, type Phase, type Room } from '../facts.ts';
import { sourceRow } from '../rows.ts';
import { measuredOf } from '../sealed.ts';

/** Beyond the detector's edge, so that an object just outside still meets its source just inside. */
const marginArcsec = 2;
/** How often open earlier visits are looked at again. */
const lookMs = 250;
/** Without a limit, the unit goes back after this, so that an earlier one that waits for this worker gets its turn. */
const turnSeconds = 30;

/** Gives sources to objects, after the earlier visits of the same sky: what is an object depends on what was seen before. */
export const associate: Phase = async (facts, room) => {
  const waited = await waitForEarlier(facts, room);
  if (typeof waited !== 'boolean') return waited;
  const measured = await measuredOf(facts, room);
  const { visit, detector } = known(facts, 'claim');
  const { exposure } = measured;
  const since = exposure.midpointMjdTai - room.config.HISTORY_DAYS;
  const stored = await room.ports.sources.history(padPolygon(measured.outline, marginArcsec), since);
  // What a killed attempt has written of this detector is made anew, and later visits are not history.
  const isPast = (row: { visit: bigint; detector: number; midpointMjdTai: number }): boolean =>
    row.midpointMjdTai < exposure.midpointMjdTai && !(row.visit === visit && row.detector === detector);
  const history = { objects: stored.objects, sources: stored.sources.filter(isPast) };
  const processedMjdTai = mjdTaiFromUtc(mjdUtcFromUnixMs(room.time.night()));
  const context = { visit, detector, exposure, processedMjdTai };
  const rows = measured.sources.map((source) => sourceRow(source, context));
  const merged = mergeDetector(rows, history, processedMjdTai, room.config.NEW_OBJECT_RELIABILITY_THRESHOLD);
  const pastForcedSources = stored.forcedSources.filter(isPast);
  const association = {
    ...merged,
    outOfOrder: !waited,
    pastForcedSources,
    forcedSources: [],
    processedMjdTai,
  };
  return { ...facts, measured, association };
};

/** True when all earlier visits of this sky are closed, false when ASSOCIATION_WAIT is over first. */
async function waitForEarlier(facts: Facts, room: Room): Promise<boolean | Outcome> {
  const limit = room.config.ASSOCIATION_WAIT;
  const begunMs = room.time.process();
  for (;;) {
    const open = await openEarlierSlots(facts, room);
    if (open.length === 0) return true;
    const waitedSeconds = (room.time.process() - begunMs) / 1000;
    if (limit !== 'unlimited' && waitedSeconds >= limit) {
      room.log.warn({ slot: facts.slotText, open }, 'associates before earlier visits of the same sky');
      return false;
    }
    if (waitedSeconds >= turnSeconds)
      return hold('earlier visits', `${open.join(', ')} must associate first`);
    await sleep(lookMs, undefined, { signal: room.signal });
  }
}
