import { ppOutput } from '#shared/domain/butler/pp-output.ts';
import { requireAppended } from '#shared/ports/log-writer.ts';
import { advance } from '../claims.ts';
import { known, type Phase } from '../facts.ts';
import { note } from '../ledger.ts';
import { productKey } from '../measured.ts';
import { eraseSealed } from '../sealed.ts';

/** Tells the Butler's writer of the images, erases what was sealed, and closes the claim. */
export const exportProducts: Phase = async (facts, room) => {
  const { ports, config, signal } = room;
  const claim = known(facts, 'claim');
  const attempt = claim.measuredAttempt ?? claim.attempt;
  const message = ppOutput({
    instrument: facts.instrument.name,
    visit: claim.visit,
    detector: claim.detector,
    datasets: [
      { type: 'difference_image', path: productKey(claim, attempt, 'difference') },
      { type: 'preliminary_visit_image', path: productKey(claim, attempt, 'calibrated') },
    ],
  });
  requireAppended(await ports.log.append(config.BUTLER_WRITER_KAFKA_TOPIC, [{ value: message }], { signal }));
  await eraseSealed(facts, room);
  const closed = await advance(facts, room, 'done');
  await note(closed, room, 'done');
  return closed;
};
