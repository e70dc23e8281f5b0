import { realTime } from 'openfaas-sdk-ts';
import { describe, expect, test } from 'vitest';
import type { Answered } from '../../../functions/process-detector/core.ts';
import type { Facts, Room } from '../../../functions/process-detector/facts.ts';
import { associate } from '../../../functions/process-detector/phases/associate.ts';
import { announced, factsAfter, measuredFacts, measuredOf, openRoom, sourceOf } from './room.ts';

const nobody = 'http://127.0.0.1:1';

/** Visit 2, which the gate has answered, behind visit 1, which it keeps waiting. */
async function twoVisits(environment: Readonly<Record<string, string>> = {}) {
  const { room } = await openRoom(nobody, environment);
  const first = await announced(room, 1, 'measured');
  const answered: Answered = { atMs: Date.now(), before: [first.slotText] };
  const measured = { ...measuredOf([sourceOf(1), sourceOf(2)]), answered };
  return { room, first, second: await measuredFacts(room, measured, 2) };
}

const outOfOrder = async (facts: Facts, room: Room) =>
  (await factsAfter(associate, facts, room)).association?.outOfOrder;

/** A clock that runs so much faster. */
const fast = (factor: number): Room['time'] => {
  const [wall, process] = [Date.now(), performance.now()];
  const since = (begun: number, now: number) => begun + (now - begun) * factor;
  return {
    ...realTime,
    wall: () => since(wall, Date.now()),
    process: () => since(process, performance.now()),
  };
};

describe('a detector that comes before an earlier visit of its sky', () => {
  test('waits until that one has written its rows', async () => {
    const { room, first, second } = await twoVisits();
    let written = false;
    setTimeout(async () => {
      written = true;
      await room.ports.sources.advance(first.claim!, 'written', Date.now());
    }, 400);
    expect(await outOfOrder(second, room)).toBe(false);
    expect(written).toBe(true);
  });

  test('gives its worker up after half a minute, and does not go before the one that is owed its turn', async () => {
    const { room, first, second } = await twoVisits();
    const time = fast(300);
    for (let again = 0; again < 2; again++) {
      const outcome = await associate(second, { ...room, time });
      expect(outcome).toEqual({
        ...{ kind: 'hold', dependency: 'earlier visits' },
        why: `${first.slotText} must associate first`,
      });
    }
  });

  test('goes before one that had its turn and was refused again, flagged, after ASSOCIATION_WAIT', async () => {
    const { room, first, second } = await twoVisits();
    const { visit, detector, slot } = first.claim!;
    await room.ports.sources.claim({ visit, detector, slot, owner: 'b', changedMs: Date.now() + 1000 });
    expect(await outOfOrder(second, { ...room, time: fast(300) })).toBe(true);
  });

  test('does not wait at all where ASSOCIATION_WAIT is 0', async () => {
    const { room, second } = await twoVisits({ ASSOCIATION_WAIT: '0' });
    expect(await outOfOrder(second, room)).toBe(true);
  });
});
