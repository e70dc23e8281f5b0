import { hostname } from 'node:os';
import { Fault } from 'openfaas-sdk-ts';
import type { ClaimState } from '#shared/domain/visit/claim.ts';
import { type Facts, known, type Room } from './facts.ts';

/** Who works, for people who read the claim table. */
const owner = `${hostname()}/${process.pid}`;

/** Takes (visit, detector): raises the attempt, so that whoever worked on it before is refused from now on. */
export async function takeClaim(facts: Facts, { ports, time }: Room, visit: bigint): Promise<Facts> {
  const { detector, slotText: slot } = facts;
  const claim = await ports.sources.claim({
    visit,
    detector: detector.number,
    slot,
    owner,
    changedMs: time.wall(),
  });
  return { ...facts, claim };
}

/** Moves the claim on. A worker that has been overtaken stops here. */
export async function advance(facts: Facts, room: Room, to: ClaimState): Promise<Facts> {
  const claim = known(facts, 'claim');
  const answer = await room.ports.sources.advance(claim, to, room.time.wall());
  if (answer === 'fenced') throw overtaken(facts);
  const measuredAttempt = to === 'measured' ? claim.attempt : claim.measuredAttempt;
  return { ...facts, claim: { ...claim, state: to, measuredAttempt } };
}

export const overtaken = (facts: Facts): Fault =>
  new Fault(
    'NS_LEASE_LOST',
    `Attempt ${facts.claim?.attempt} of ${facts.slotText} was overtaken by a later one.`,
  );
