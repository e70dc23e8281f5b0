import type { Time } from 'openfaas-sdk-ts';
import pino from 'pino';
import { chooseSnapshot } from '#shared/domain/satellites/snapshot.ts';
import { mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { ofAnyAge, publishedSnapshots } from '../../functions/sattle-check/catalogue.ts';
import { config } from '../../functions/sattle-check/configuration.ts';
import { Refusal } from '../../functions/sattle-check/refusal.ts';
import { environmentOf } from '../open-port.ts';
import { timeOf } from '../supervisor/night-file.ts';
import type { GateAnswer, GateCounts } from './answers.ts';

/** What the page tells of the gate but for the work that waits for it, which the ledger knows. */
export type GateNow = Omit<GateAnswer, 'waiting'>;

/**
 * The satellite gate of a data folder, whose catalogue is read from the bucket as the gate itself does.
 * @param counts of the sattle-check that runs in this process
 */
export async function watchGate(
  data: string,
  counts: (() => Promise<GateCounts>) | undefined,
): Promise<() => Promise<GateNow>> {
  const log = pino({ base: { fn: 'console' } });
  const context = { environment: environmentOf(data), log, functionName: 'console' };
  const products = await objectStore('products').open(context);
  const limitHours = config.shape.SNAPSHOT_MAX_AGE_HOURS.parse(process.env.SNAPSHOT_MAX_AGE_HOURS);
  const time = timeOf(data);
  return async () => ({
    limitHours,
    ...(await catalogueNow(products, time, limitHours).catch(refusal)),
    ...(counts && { counts: await counts() }),
  });
}

/** An index that cannot be read is what the gate refuses for as well. */
function refusal(error: unknown): Pick<GateNow, 'refuses'> {
  if (error instanceof Refusal) return { refuses: error.message };
  throw error;
}

/** The catalogue that a visit of now would be judged by, and why it would not be. */
async function catalogueNow(
  products: ObjectStore,
  time: Time,
  limitHours: number,
): Promise<Pick<GateNow, 'catalogue' | 'refuses'>> {
  const snapshots = await publishedSnapshots(products);
  const now = mjdUtcFromUnixMs(time.night());
  const judging = chooseSnapshot(snapshots, now, { maxAgeHours: limitHours, historical: false });
  const known = judging.snapshot ? judging : chooseSnapshot(snapshots, now, ofAnyAge);
  return {
    ...(known.snapshot && {
      catalogue: {
        id: known.snapshot.id,
        size: known.snapshot.count,
        // To 6 minutes, so that an answer of which nothing else changed keeps its ETag.
        ageHours: Math.round(known.ageHours * 10) / 10,
      },
    }),
    ...(!judging.snapshot && { refuses: judging.why }),
  };
}
