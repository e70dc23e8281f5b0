import { bundleTopic, formatNotice, noticeKey } from '#shared/domain/alert/bundle.ts';
import { requireAppended } from '#shared/ports/log-writer.ts';
import { advance } from '../claims.ts';
import { known, type Phase } from '../facts.ts';
import { note } from '../ledger.ts';

/** Announces the bundle that the manifest names. Said twice it does no harm: the publisher reads back what it sent. */
export const announce: Phase = async (facts, room) => {
  const claim = known(facts, 'claim');
  const manifest = claim.manifest;
  if (!manifest) throw new Error(`The claim of ${facts.slotText} is written, but names no bundle.`);
  const notice = {
    slot: facts.slotText,
    visit: claim.visit,
    detector: claim.detector,
    // The attempt that wrote the bundle, not the one that announces it.
    attempt: Number(manifest.bundle.split('/').at(-1)),
    uri: `s3://${room.ports.products.bucket}/${manifest.bundle}`,
    count: manifest.counts.alerts ?? 0,
    sha256: manifest.sha256,
  };
  const record = { key: noticeKey(claim), value: formatNotice(notice) };
  requireAppended(await room.ports.log.append(bundleTopic, [record], { signal: room.signal }));
  const advanced = await advance(facts, room, 'announced');
  await note(advanced, room, 'announced');
  return advanced;
};
