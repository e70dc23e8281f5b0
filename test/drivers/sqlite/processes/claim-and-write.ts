import { hasReached } from '#shared/domain/visit/claim.ts';
import { sqliteSourceStore } from '#shared/drivers/sqlite/source-store.ts';
import { someForcedSource, someObject, someSource } from '../../../support/alert-rows.ts';

// A worker that takes a claim and writes 20 sources whose ids tell its attempt, as the phases would: DATA VISIT.
const [data, visitText] = process.argv.slice(2);
const visit = BigInt(visitText);
const store = await sqliteSourceStore({ data });
const owner = String(process.pid);
const claim = await store.claim({ visit, detector: 0, slot: `SimCam/${visit}/0`, owner, changedMs: 1 });
if (hasReached(claim.state, 'written')) {
  process.stdout.write('resumed\n');
} else {
  const ids = Array.from({ length: 20 }, (_, index) => visit * 10_000n + BigInt(claim.attempt * 100 + index));
  const rows = {
    objects: ids.map((diaObjectId) => someObject({ diaObjectId })),
    sources: ids.map((id) => someSource({ diaSourceId: id, diaObjectId: id, visit, detector: 0 })),
    forcedSources: ids.map((id) =>
      someForcedSource({ diaForcedSourceId: id, diaObjectId: id, visit, detector: 0 }),
    ),
  };
  const bundle = `bundles/${visit}/0/${claim.attempt}`;
  const answer = await store.write(claim, rows, { bundle, sha256: '00', counts: { alerts: ids.length } }, 2);
  process.stdout.write(`${answer}\n`);
}
await store.close();
