import { Fault } from 'openfaas-sdk-ts';
import { deservesForcedPhotometry } from '#shared/domain/association/forced.ts';
import { type Facts, known, type Phase, type Room } from '../facts.ts';
import { productKey } from '../measured.ts';
import { pixelWorker } from '../pixel-worker.ts';
import { forcedRows } from '../rows.ts';
import { measuredOf } from '../sealed.ts';

/** Measures known objects at their places, seen this time or not, on the images that wait in the bucket. */
export const force: Phase = async (facts, room) => {
  const association = known(facts, 'association');
  const { exposure } = await measuredOf(facts, room);
  const objects = [
    ...new Map([...association.objects, ...association.unseen].map((row) => [row.diaObjectId, row])).values(),
  ]
    .filter((object) => deservesForcedPhotometry(object, association.sourcesOf.get(object.diaObjectId) ?? []))
    .sort((a, b) => (a.diaObjectId < b.diaObjectId ? -1 : 1));
  if (objects.length === 0) return facts;
  const fluxes = await pixelWorker().force({
    difference: await image(facts, room, 'difference'),
    calibrated: await image(facts, room, 'calibrated'),
    positions: objects.map(({ ra, dec }) => ({ raDeg: ra, decDeg: dec })),
  });
  const measured = objects.flatMap((object, index) => {
    const flux = fluxes[index];
    return flux ? [{ object, flux }] : [];
  });
  const { visit, detector } = known(facts, 'claim');
  const context = { visit, detector, exposure, processedMjdTai: association.processedMjdTai };
  const forcedSources = forcedRows(measured, context, room.config.RELEASE_ID);
  return { ...facts, association: { ...association, forcedSources } };
};

async function image(
  facts: Facts,
  { ports, signal }: Room,
  product: 'difference' | 'calibrated',
): Promise<Uint8Array> {
  const claim = known(facts, 'claim');
  const key = productKey(claim, claim.measuredAttempt ?? claim.attempt, product);
  const bytes = await ports.products.get(key, { signal });
  if (!bytes) throw new Fault('NS_OBJECT_MISSING', `The image ${key} of this attempt is not in the bucket.`);
  return bytes;
}
