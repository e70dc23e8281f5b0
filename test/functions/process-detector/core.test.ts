import fc from 'fast-check';
import { backOffSeconds } from 'openfaas-sdk-ts/gate.ts';
import { describe, expect, test } from 'vitest';
import { toVector } from '#shared/domain/sky/vector.ts';
import {
  type Answered,
  type EarlierSlot,
  earlierSlots,
  owedSlots,
  remainingPhases,
  turnOf,
  waitingSlots,
} from '../../../functions/process-detector/core.ts';

describe('the phases that are left', () => {
  test('begin after the state that a claim has reached', () => {
    expect(remainingPhases(undefined)[0]).toBe('preload');
    expect(remainingPhases('claimed')[0]).toBe('preload');
    expect(remainingPhases('measured')[0]).toBe('gate');
    expect(remainingPhases('gated')[0]).toBe('associate');
    expect(remainingPhases('announced')).toEqual(['export']);
    expect(remainingPhases('done')).toEqual([]);
  });
});

describe('earlier visits of the same sky', () => {
  const square = (raDeg: number) =>
    [
      [raDeg, 0],
      [raDeg + 0.2, 0],
      [raDeg + 0.2, 0.2],
      [raDeg, 0.2],
    ].map(([ra = 0, dec = 0]) => toVector(ra, dec));
  const slot = (item: string, startTime: number, raDeg: number) => ({
    item,
    startTime,
    region: square(raDeg),
  });

  test('are those that begin before and overlap', () => {
    const own = slot('own', 100, 10);
    const others = [
      slot('before', 60, 10.1),
      slot('long before', 1, 10),
      slot('elsewhere', 60, 10.5),
      slot('later', 101, 10),
      slot('of the same visit', 100, 10.1),
    ];
    expect(earlierSlots(own, others)).toEqual(['before', 'long before']);
  });
});

describe('a detector’s turn', () => {
  const wait = { open: 1, owed: 0, limitSeconds: 30, answeredSeconds: 3, waitedSeconds: 3 } as const;
  const late = { answeredSeconds: 3600, waitedSeconds: 30 };
  test.each([
    ['associate', { open: 0 }],
    ['look again', {}],
    ['associate out of order', { answeredSeconds: 30, waitedSeconds: 30 }],
    ['associate out of order', { limitSeconds: 0 }],
    // A worker died after the gate's answer: another one waits once more.
    ['look again', { answeredSeconds: 3600, waitedSeconds: 3 }],
    ['associate out of order', late],
    // Longer than a worker waits in one piece: it goes back in between, and the time still counts.
    ['give way', { limitSeconds: 60, answeredSeconds: 30, waitedSeconds: 30 }],
    ['look again', { limitSeconds: 60, answeredSeconds: 50, waitedSeconds: 15 }],
    ['associate out of order', { limitSeconds: 60, answeredSeconds: 65, waitedSeconds: 30 }],
    ['give way', { limitSeconds: 'unlimited', ...late }],
    ['look again', { limitSeconds: 'unlimited', answeredSeconds: 3600 }],
    // Those that are owed their turn are waited for longer, but not for ever.
    ['give way', { owed: 1, ...late, answeredSeconds: 3599 }],
    ['associate out of order', { owed: 1, ...late }],
    ['associate out of order', { owed: 1, limitSeconds: 0 }],
    ['give way', { owed: 1, limitSeconds: 'unlimited', ...late }],
  ] as const)('is to %s with %j', (turn, change) => {
    expect(turnOf({ ...wait, ...change })).toBe(turn);
  });
});

describe('slots that stood behind the gate', () => {
  const open = [
    { slot: 'raw not here', claim: undefined },
    { slot: 'at its pixels', claim: { state: 'claimed', changedMs: 1 } },
    { slot: 'not taken since', claim: { state: 'measured', changedMs: 5 } },
    { slot: 'refused since', claim: { state: 'measured', changedMs: 11 } },
    { slot: 'just taken', claim: { state: 'measured', changedMs: 9012 } },
    { slot: 'behind others', claim: { state: 'gated', changedMs: 12 } },
  ] as const;

  test('are those that are measured', () => {
    expect(waitingSlots(open)).toEqual(['not taken since', 'refused since', 'just taken', 'behind others']);
  });

  test('are owed their turn until they had it', () => {
    const before = waitingSlots(open);
    expect(owedSlots(open, { atMs: 10, before }, 10_011)).toEqual([
      ...['not taken since', 'just taken', 'behind others'],
    ]);
    expect(owedSlots(open, { atMs: 10, before: ['behind others', 'written meanwhile'] }, 10_011)).toEqual([
      'behind others',
    ]);
  });
});

/** One visit of a region that waits behind the gate; seconds since it answers again. */
interface Unit {
  /** Its place in the order of exposures. */
  readonly place: number;
  dueSeconds: number;
  takenSeconds: number;
  answered?: Answered;
  writtenSeconds?: number;
}

interface Outage {
  /** In which order the entries stand in the stream. */
  readonly order: readonly number[];
  readonly workers: number;
  /** Of those that are due, the stream gives the oldest (SQLite), or the one that was due first (Redis). */
  readonly gives: 'oldest' | 'first due';
  /** ASSOCIATION_WAIT. */
  readonly limitSeconds: number;
  /** A visit that the gate never answers. */
  readonly refused?: number;
}

const tickSeconds = 0.25;
const askingSeconds = 2;
const associationSeconds = 3;
const slotOf = (place: number): string => `slot ${place}`;

/**
 * Plays what follows an outage, by the rules of the stream's trigger (what is given back is due after the back-off,
 * during which its worker takes nothing) and of the phases gate and associate: in which order visits are written.
 */
function drain({ order, workers, gives, limitSeconds, refused }: Outage) {
  const units = order.map((place): Unit => ({ place, dueSeconds: backOffSeconds(9), takenSeconds: -1 }));
  const waiting = new Set(units);
  const crew = Array.from({ length: workers }, () => ({
    ...{ freeSeconds: backOffSeconds(9), failures: 9, begunSeconds: 0 },
    unit: undefined as Unit | undefined,
  }));
  const written: number[] = [];
  let [outOfOrder, seconds] = [0, 0];
  const rank = (unit: Unit) => (gives === 'oldest' ? unit.place : unit.dueSeconds);
  const openBefore = (unit: Unit, now: number): EarlierSlot[] =>
    units
      .filter(({ place, writtenSeconds = Infinity }) => place < unit.place && writtenSeconds > now)
      .map(({ place, answered, takenSeconds }) => {
        const state = answered ? 'gated' : 'measured';
        return { slot: slotOf(place), claim: { state, changedMs: (answered ? now : takenSeconds) * 1000 } };
      });
  const goal = order.length - (refused === undefined ? 0 : 1);
  for (let now = 0; written.length < goal; now += tickSeconds) {
    if (now > 7200) throw new Error(`Only ${written} are written after two hours.`);
    for (const worker of crew) {
      if (worker.freeSeconds > now) continue;
      if (!worker.unit) {
        const due = [...waiting]
          .filter(({ dueSeconds }) => dueSeconds <= now)
          .sort((a, b) => rank(a) - rank(b));
        worker.unit = due[0];
        if (!worker.unit) continue;
        waiting.delete(worker.unit);
        worker.unit.takenSeconds = now;
        worker.begunSeconds = now;
      }
      const { unit } = worker;
      if (!unit.answered && now < worker.begunSeconds + askingSeconds) continue;
      const open = openBefore(unit, now);
      if (unit.place !== refused) unit.answered ??= { atMs: now * 1000, before: waitingSlots(open) };
      const turn =
        unit.answered === undefined
          ? 'give way'
          : turnOf({
              open: open.length,
              owed: owedSlots(open, unit.answered, now * 1000).length,
              limitSeconds,
              answeredSeconds: now - unit.answered.atMs / 1000,
              waitedSeconds: now - worker.begunSeconds,
            });
      if (turn === 'look again') continue;
      worker.unit = undefined;
      if (turn === 'give way') {
        worker.freeSeconds = now + backOffSeconds(worker.failures++);
        unit.dueSeconds = worker.freeSeconds;
        waiting.add(unit);
        continue;
      }
      if (turn === 'associate out of order') outOfOrder += 1;
      written.push(unit.place);
      seconds = now + associationSeconds;
      unit.writtenSeconds = seconds;
      Object.assign(worker, { failures: 0, freeSeconds: seconds });
    }
  }
  return { written, outOfOrder, seconds };
}

describe('after an outage of the gate the visits of one sky are associated in their order', () => {
  const shuffled = (most: number) =>
    fc.integer({ min: 2, max: most }).chain((count) => {
      const places = Array.from({ length: count }, (_, place) => place);
      return fc.shuffledSubarray(places, { minLength: count });
    });
  const expectOrder = (outage: Outage) => {
    const { written, outOfOrder } = drain(outage);
    expect(written).toEqual(outage.order.toSorted((a, b) => a - b));
    expect(outOfOrder).toBe(0);
  };

  test.each([
    ['a worker for each, whatever is taken first', 12, fc.constant(12), 'first due'],
    ['few workers that take the oldest first', 20, fc.integer({ min: 1, max: 5 }), 'oldest'],
    ['few workers, whatever is taken first', 5, fc.integer({ min: 1, max: 3 }), 'first due'],
  ] as const)('by %s', (_what, most, crew, gives) => {
    const limitSeconds = fc.constantFrom(5, 30);
    const outage = fc.record({
      order: shuffled(most),
      workers: crew,
      gives: fc.constant(gives),
      limitSeconds,
    });
    fc.assert(fc.property(outage, expectOrder), { numRuns: 100 });
  });

  test('but for one that the gate refuses for itself: those behind it go on without it, in their order', () => {
    for (const gives of ['oldest', 'first due'] as const) {
      const { written, outOfOrder, seconds } = drain({
        order: [0, 1, 2, 3],
        workers: 4,
        gives,
        limitSeconds: 30,
        refused: 0,
      });
      expect(written).toEqual([1, 2, 3]);
      expect(outOfOrder).toBe(3);
      // Back-offs are drawn: 4 minutes in the middle, 24 at the most of 6,000.
      expect(seconds).toBeLessThan(1800);
    }
  });
});
