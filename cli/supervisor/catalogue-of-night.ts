import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Seal } from '#shared/ports/seal.ts';
import { buildWork } from '../../functions/satellite-catalog/build-work.ts';
import { refresh } from '../../functions/satellite-catalog/refresh.ts';
import type { ElementFile } from '../simulator/satellite-catalog.ts';
import { elementsFolder } from './environment.ts';

/** Of simulated element sets the newest is at most 12 h older than the night's first visit. */
const maxAgeHours = 24;

/**
 * Lays a night's element sets where satellite-catalog looks for them, and makes the snapshot of the moment at which they
 * were given out: a night that is taken faster than by the clock cannot wait for the function's next tick. A repetition
 * makes the same snapshot, which is there already.
 */
export async function catalogueOfNight(
  data: string,
  { dayObs, givenMs, text }: ElementFile,
  ports: { products: ObjectStore; seal: Seal },
): Promise<void> {
  const unfinished = join(elementsFolder(data), `.${dayObs}.jsonl`);
  writeFileSync(unfinished, text);
  renameSync(unfinished, join(elementsFolder(data), `${dayObs}.jsonl`));
  const declared = { name: 'elements', private: false, required: true, maxAgeHours };
  const refreshed = await refresh(
    {
      asOf: mjdUtcFromUnixMs(givenMs),
      chosen: true,
      maxAgeHours,
      texts: async () => [{ declared, bytes: Buffer.from(text) }],
    },
    { ...ports, build: buildWork },
  );
  if ('why' in refreshed)
    throw new Error(`The night of ${dayObs} has no satellite catalogue: ${refreshed.why}`);
}
