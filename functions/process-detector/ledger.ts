import { dead, done, type Outcome } from 'openfaas-sdk-ts';
import { ledgerRecord, ledgerTopic, type Step } from '#shared/domain/ledger/entry.ts';
import { requireAppended } from '#shared/ports/log-writer.ts';
import type { Facts, Room } from './facts.ts';

/** Writes one line of the ledger, after the effect that it tells of. */
export async function note(
  facts: Facts,
  room: Room,
  step: Step,
  more: { counts?: Readonly<Record<string, number>>; cause?: string } = {},
): Promise<void> {
  const entry = {
    step,
    slot: facts.slotText,
    detector: facts.detector.number,
    ...(facts.claim && { visit: facts.claim.visit }),
    attempt: facts.claim?.attempt ?? 1,
    timeMs: room.time.wall(),
    ...more,
  };
  requireAppended(await room.ports.log.append(ledgerTopic, [ledgerRecord(entry)], { signal: room.signal }));
}

/** Ends a slot without alerts. What was refused stands among the dead letters, for somebody to look at. */
export async function endSlot(
  facts: Facts,
  room: Room,
  step: 'expired' | 'refused' | 'withheld',
  cause: string,
): Promise<Outcome> {
  await note(facts, room, step, { cause });
  room.log.warn({ slot: facts.slotText, step, cause }, 'slot ends without alerts');
  return step === 'refused' ? dead(cause) : done;
}
