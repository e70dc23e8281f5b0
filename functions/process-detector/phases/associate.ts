import { setTimeout as sleep } from 'node:timers/promises';
import { hold, type Outcome } from 'openfaas-sdk-ts';
import { mergeDetector } from '#shared/domain/association/merge.ts';
import { padPolygon } from '#shared/domain/sky/vector.ts';
import { mjdTaiFromUtc, mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import { owedSlots, turnOf } from '../core.ts';
import { earlierOnStream, openSlots } from '../earlier.ts';
import { type Facts, known, type Phase, type Room } from '../facts.ts';
import type { Measured } from '../measured.ts';
import { sourceRow } from '../rows.ts';
import { measuredOf } from '../sealed.ts';

/** Beyond the detector's edge, so that an object just outside still meets its source just inside. */
const marginArcsec = 2;
/** How often open earlier visits are looked at again. */
const lookMs = 250;
/** How often the stream is read again, on which one that was set aside is no longer. */
const listAgainMs = 5000;

/** Gives sources to objects, after the earlier visits of the same sky: what is an object depends on what was seen before. */
export const associate: Phase = async (facts, room) => {
  const measured = await measuredOf(facts, room);
  const waited = await waitForEarlier(facts, room, measured);
  if (typeof waited !== 'boolean') return waited;
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

/** True when all earlier visits of this sky are closed, false when they are no longer waited for. */
async function waitForEarlier(facts: Facts, room: Room, measured: Measured): Promise<boolean | Outcome> {
  const { time, config } = room;
  const answered = measured.answered ?? { atMs: time.wall(), before: [] };
  const begunMs = time.process();
  let [earlier, listedMs] = [facts.earlier ?? (await earlierOnStream(facts, room)), begunMs];
  for (;;) {
    if (time.process() - listedMs >= listAgainMs)
      [earlier, listedMs] = [await earlierOnStream(facts, room), time.process()];
    const open = await openSlots(earlier, room);
    const slots = open.map(({ slot }) => slot);
    const turn = turnOf({
      open: open.length,
      owed: owedSlots(open, answered, time.wall()).length,
      limitSeconds: config.ASSOCIATION_WAIT,
      answeredSeconds: (time.wall() - answered.atMs) / 1000,
      waitedSeconds: (time.process() - begunMs) / 1000,
    });
    if (turn === 'associate') return true;
    if (turn === 'associate out of order') {
      room.log.warn(
        { slot: facts.slotText, open: slots },
        'associates before earlier visits of the same sky',
      );
      return false;
    }
    if (turn === 'give way') return hold('earlier visits', `${slots.join(', ')} must associate first`);
    await sleep(lookMs, undefined, { signal: room.signal });
  }
}
