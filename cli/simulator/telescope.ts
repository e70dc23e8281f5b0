import { setTimeout as sleep } from 'node:timers/promises';
import { isFault } from 'openfaas-sdk-ts';
import type { Detector } from '#shared/domain/ids/instruments.ts';
import { rawKey, sidecarKey } from '#shared/domain/ids/object-key.ts';
import type { LogWriter } from '#shared/ports/log-writer.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { expose } from './exposure.ts';
import { nextVisitRecord } from './next-visit-record.ts';
import { conditionsOf } from './observation.ts';
import { detectorsOf, type GiveElements, observatoryData } from './observatory-data.ts';
import { rawFile } from './raw-file.ts';
import { fieldDisc, type Streak, satelliteStreaks, uncataloguedStreaks } from './streaks.ts';
import type { Plan, Visit } from './survey-plan.ts';
import type { TaiMs } from './tai.ts';
import { openTruth, type SourceTruth } from './truth.ts';

/** What the telescope is about to do, and the moment of the night at which it would. */
export interface Moment {
  readonly visit: Visit;
  readonly step: 'announce' | 'read-out';
  readonly tai: TaiMs;
}

export interface Telescope {
  readonly plan: Plan;
  readonly raws: ObjectStore;
  readonly products: ObjectStore;
  readonly giveElements: GiveElements;
  readonly log: LogWriter;
  readonly nextVisitTopic: string;
  /** Folder of the truth tables, which also say where the survey is at a restart. */
  readonly truthFolder: string;
  /** Waits until a moment has come: by a clock, or until what was taken before has been dealt with. */
  readonly pace: (moment: Moment, signal: AbortSignal) => Promise<void>;
  /** Process clock, Unix ms. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** From the end of the exposure to the first raw: LSSTCam reads out in 2.4 s. */
const READ_OUT_MS = 2400;

/**
 * Takes the visits of the plan that are not taken yet, one after the other, to the end of the plan; rejects
 * with the signal's reason where it aborts. Of each: nextVisit, then by detector the sidecar and the raw. A visit that a killed process left unfinished is taken
 * again from its beginning, byte for byte the same. Where a store or the log does not answer it waits and tries again.
 */
export async function runTelescope(telescope: Telescope): Promise<void> {
  const { plan, signal, products, giveElements } = telescope;
  const truth = await openTruth(telescope.truthFolder, plan);
  const data = observatoryData(plan, products, giveElements, signal);
  for (let index = truth.taken; index < plan.visits; index++) {
    signal.throwIfAborted();
    const visit = plan.visitAt(index);
    const conditions = conditionsOf(plan.seed, visit);
    const elements = await insist(signal, () => data.prepareFor(visit));
    const streaks = [
      ...satelliteStreaks(elements, visit, fieldDisc(plan.instrument, visit), plan.instrument.observer),
      ...uncataloguedStreaks(plan, visit, conditions),
    ];
    await telescope.pace({ visit, step: 'announce', tai: visit.announce }, signal);
    await insist(signal, () => announce(telescope, visit));
    await telescope.pace({ visit, step: 'read-out', tai: visit.end + READ_OUT_MS }, signal);
    const sources = await takeRaws(telescope, visit, streaks);
    await truth.add(visit, conditions, sources, telescope.now());
  }
}

/** One key, so that a log of several partitions keeps the visits in order. */
async function announce({ log, nextVisitTopic, plan, signal }: Telescope, visit: Visit) {
  const [outcome] = await log.append(
    nextVisitTopic,
    [{ key: plan.instrument.name, value: nextVisitRecord(plan, visit) }],
    { signal },
  );
  if (!outcome.ok) throw outcome.fault;
}

async function takeRaws(telescope: Telescope, visit: Visit, streaks: readonly Streak[]) {
  const sources: SourceTruth[] = [];
  for (const detector of detectorsOf(telescope.plan)) {
    sources.push(...(await takeRaw(telescope, visit, detector, streaks)));
  }
  return sources;
}

async function takeRaw(
  { plan, raws, signal }: Telescope,
  visit: Visit,
  detector: Detector,
  streaks: readonly Streak[],
): Promise<readonly SourceTruth[]> {
  const { images, truth } = expose(plan, visit, detector, streaks);
  const { fits, json } = rawFile(plan, visit, detector, images);
  const key = rawKey(plan.instrument, { ...visit, controller: 'O' }, detector.number);
  await insist(signal, () => raws.put(sidecarKey(key), json, { contentType: 'application/json', signal }));
  await insist(signal, () => raws.put(key, fits, { contentType: 'application/fits', signal }));
  return truth;
}

/** Repeats what a dependency refused, after 1 s, then twice as long each time, at most 30 s. */
async function insist<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  for (let seconds = 1; ; seconds = Math.min(30, 2 * seconds)) {
    try {
      return await action();
    } catch (error) {
      if (!isFault(error) || error.blame !== 'dependency') throw error;
    }
    await sleep(seconds * 1000, undefined, { signal });
  }
}
