import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { z } from 'zod';
import { parseSlot } from '#shared/domain/ids/slot.ts';
import { workStreamName } from '#shared/domain/visit/work-stream-name.ts';
import type { WorkStream } from '#shared/ports/work-stream.ts';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { catalogSeal } from '#shared/wiring/seal.ts';
import { workStream } from '#shared/wiring/work-stream.ts';
import { environmentOf } from '../open-port.ts';
import { planNight, type Visit } from '../simulator/survey-plan.ts';
import { unixMsFromTai } from '../simulator/tai.ts';
import { type Moment, runTelescope } from '../simulator/telescope.ts';
import { catalogueOfNight } from './catalogue-of-night.ts';
import { readNight, timeOf, writeNight } from './night-file.ts';

/** What the supervisor tells the telescope, as JSON in NIGHTSHIFT_TELESCOPE. */
const order = z.object({
  camera: z.string(),
  seed: z.int(),
  visits: z.int().positive().optional(),
  detectors: z.int().positive().optional(),
  /** Night seconds a process second; 0: each visit follows as soon as the one before is dealt with. */
  speed: z.number().nonnegative(),
});

export type TelescopeOrder = z.infer<typeof order>;

/** Takes the visits that are not taken yet. Ends with the plan, or when told to stop. */
export async function runTelescopeChild(data: string, stop: AbortSignal): Promise<void> {
  const asked = order.parse(JSON.parse(process.env.NIGHTSHIFT_TELESCOPE ?? '{}'));
  const plan = planNight(asked);
  const log = pino({ base: { fn: 'telescope' } });
  const context = { environment: environmentOf(data), log, functionName: 'telescope' };
  const stream = await workStream('process').open(context);
  const pace =
    asked.speed === 0
      ? stepByStep(data, asked, (visit) => isQuiet(stream, plan.instrument.name, visit))
      : byClock(data, asked, unixMsFromTai(plan.visitAt(0).begin));
  const products = await objectStore('products').open(context);
  const seal = await catalogSeal.open(context);
  try {
    await runTelescope({
      plan,
      raws: await objectStore('raw').open(context),
      products,
      giveElements: (file) => catalogueOfNight(data, file, { products, seal }),
      log: await logWriter('next-visit').open(context),
      nextVisitTopic: process.env.NEXT_VISIT_TOPIC ?? 'lsst.sal.ScriptQueue.logevent_nextVisit',
      truthFolder: join(data, 'truth'),
      pace,
      now: Date.now,
      signal: stop,
    });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

type Pace = (moment: Moment, signal: AbortSignal) => Promise<void>;

/**
 * No visit but this one is worked on, or waits to be. What is there of this one already was announced before the
 * telescope died, and waits for its raws.
 */
async function isQuiet(stream: WorkStream, instrument: string, { group }: Visit): Promise<boolean> {
  const named = workStreamName(instrument);
  const unfinished = await stream.unfinished(named.stream, named.group);
  return unfinished.every(({ item }) => parseSlot(item).group === group);
}

/** The night's clock stands at the visit that is being taken; the next one follows when all work is done. */
function stepByStep(
  data: string,
  { camera, seed }: TelescopeOrder,
  quiet: (visit: Visit) => Promise<boolean>,
): Pace {
  return async ({ visit, step, tai }, signal) => {
    while (step === 'announce' && !(await quiet(visit))) await sleep(100, undefined, { signal });
    writeNight(data, { camera, seed, originMs: unixMsFromTai(tai), atMs: Date.now(), speed: 0 });
  };
}

/**
 * The night's clock goes on by itself; after a pause it goes on where it was, not where it would have been. A night
 * begins as its first shutter opens, so that nobody waits for the announcement to come true.
 */
function byClock(data: string, { camera, seed, speed }: TelescopeOrder, beginMs: number): Pace {
  const clock = timeOf(data);
  let begun = false;
  return async ({ tai }, signal) => {
    const wantedMs = unixMsFromTai(tai);
    if (!begun) {
      const left = readNight(data);
      const originMs = left ? Math.max(left.originMs, wantedMs) : beginMs;
      writeNight(data, { camera, seed, originMs, atMs: Date.now(), speed });
      begun = true;
    }
    await sleep(Math.max(0, (wantedMs - clock.night()) / speed), undefined, { signal });
  };
}
