import { bundleKey, writeBundle } from '#shared/domain/alert/bundle.ts';
import { buildAlert, encodeAlert } from '#shared/domain/alert/packet.ts';
import type { Manifest } from '#shared/domain/visit/claim.ts';
import type { Association } from '../association-plan.ts';
import { overtaken } from '../claims.ts';
import { known, type Phase } from '../facts.ts';
import { note } from '../ledger.ts';
import type { Measured } from '../measured.ts';
import { measuredOf } from '../sealed.ts';

/**
 * Puts the alerts as one bundle, then writes the rows with the manifest that names it. In that order nothing can be
 * lost: rows without a bundle do not exist, and a bundle that no manifest names does not count.
 */
export const write: Phase = async (facts, room) => {
  const { ports, signal, time } = room;
  const claim = known(facts, 'claim');
  const association = known(facts, 'association');
  const bundle = writeBundle(packets(association, await measuredOf(facts, room)));
  const key = bundleKey(claim);
  await ports.products.put(key, bundle.bytes, { ifAbsent: true, signal });
  const counts = {
    alerts: bundle.count,
    updated: association.counts.updated,
    created: association.counts.created,
    marginal: association.counts.dropped,
    forced: association.forcedSources.length,
    outOfOrder: Number(association.outOfOrder),
  };
  const manifest: Manifest = { bundle: key, sha256: bundle.sha256, counts };
  const { objects, sources, forcedSources } = association;
  const answer = await ports.sources.write(claim, { objects, sources, forcedSources }, manifest, time.wall());
  if (answer === 'fenced') throw overtaken(facts);
  const written = { ...facts, claim: { ...claim, state: 'written' as const, manifest } };
  await note(written, room, 'written', { counts });
  return written;
};

/** One packet a source that belongs to an object; stamps go by id. */
function packets(association: Association, { sources, exposure }: Measured): Uint8Array[] {
  const stampsOf = new Map(sources.map(({ diaSourceId, stamps }) => [diaSourceId, stamps]));
  const forcedOf = Map.groupBy(
    [...association.pastForcedSources, ...association.forcedSources],
    ({ diaObjectId }) => diaObjectId,
  );
  return association.sources.map((diaSource, index) => {
    const diaObject = association.objects[index]!;
    const alert = buildAlert({
      diaSource,
      belongsTo: {
        diaObject,
        sources: association.sourcesOf.get(diaObject.diaObjectId) ?? [],
        forcedSources: forcedOf.get(diaObject.diaObjectId) ?? [],
      },
      stamps: stampsOf.get(diaSource.diaSourceId)!,
      observationReason: exposure.observationReason ?? '',
      targetName: exposure.targetName ?? '',
    });
    return encodeAlert(alert);
  });
}
