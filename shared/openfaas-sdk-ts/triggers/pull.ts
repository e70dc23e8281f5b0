import { Fault } from '../faults.ts';
import { blamed, createGate, type Gate, inWords } from '../gate.ts';
import type { Outcome } from '../outcome.ts';
import type { Ending } from '../sources.ts';
import { every, insist, type Run } from './run.ts';
import { tryUnits } from './try-units.ts';

interface Taken {
  readonly item: string;
  readonly attempt: number;
}

/** A source of units under leases, and what is done with some of them: what queue and stream have in common. */
export interface Pulled<Unit extends Taken> {
  readonly trigger: string;
  readonly source: string;
  readonly limit: number;
  readonly limitSeconds: number;
  readonly attempts: number;
  take(limit: number): Promise<Unit[]>;
  extend(units: readonly Unit[]): Promise<boolean>;
  finish(unit: Unit, ending: Ending): Promise<boolean>;
  handle(units: readonly Unit[], signal: AbortSignal): Promise<Outcome[]>;
}

/** Takes and works until the drain begins. What was taken is always worked and ended, also when the drain began meanwhile. */
export async function pull<Unit extends Taken>(pulled: Pulled<Unit>, run: Run<unknown>): Promise<void> {
  const gate = createGate(pulled.trigger, run);
  let limit = pulled.limit;
  while (!run.pulling.aborted) {
    await gate.pass(run.pulling);
    if (run.pulling.aborted) return;
    const units = await takeOrHold(pulled, gate, gate.heldBy === undefined ? limit : 1, run);
    if (units.length > 0) {
      const chosen = chooseUnits(units);
      // After a repeated unit, one at a time until a fresh one comes: nothing else is taken only to be given back.
      limit = units.some(({ attempt }) => attempt > 1) ? 1 : pulled.limit;
      await workOn(pulled, units, chosen, gate, run);
      run.worked();
    } else {
      run.idle();
    }
  }
}

async function takeOrHold<Unit extends Taken>(
  pulled: Pulled<Unit>,
  gate: Gate,
  limit: number,
  run: Run<unknown>,
): Promise<Unit[]> {
  try {
    const units = await pulled.take(limit);
    // Nothing left to probe with: whoever has the held units now holds for them.
    if (units.length === 0) gate.open();
    return units;
  } catch (error) {
    if (!run.pulling.aborted) gate.hold(blamed(error, pulled.source), inWords(error));
    return [];
  }
}

/**
 * A unit that comes again may be the one that kills the process, so it is worked alone, and the others are given back
 * with their attempts: one bad unit never takes its batch down.
 */
function chooseUnits<Unit extends Taken>(units: readonly Unit[]): readonly Unit[] {
  const repeated = units.find(({ attempt }) => attempt > 1);
  return repeated ? [repeated] : units;
}

async function workOn<Unit extends Taken>(
  pulled: Pulled<Unit>,
  units: readonly Unit[],
  chosen: readonly Unit[],
  gate: Gate,
  run: Run<unknown>,
): Promise<void> {
  const lost = new AbortController();
  const beat = async () => {
    if (await pulled.extend(units)) return;
    lost.abort(
      new Fault('NS_LEASE_LOST', `The lease of ${run.worker} on ${pulled.source} was lost in mid-work.`),
    );
  };
  const stopBeating = every(run.leaseSeconds / 3, beat, run.log);
  const end = (unit: Unit, ending: Ending) => endUnit(pulled, unit, ending, run);
  try {
    for (const unit of units) {
      if (!chosen.includes(unit)) await end(unit, { kind: 'release', afterSeconds: 0, spend: false });
    }
    run.metrics.received(pulled.trigger, chosen.length);
    const asked = {
      trigger: pulled.trigger,
      item: chosen[0].item,
      attempts: chosen.map(({ attempt }) => attempt),
      mostAttempts: pulled.attempts,
      limitSeconds: pulled.limitSeconds,
      stops: [run.stop, lost.signal],
      handle: (signal: AbortSignal) => pulled.handle(chosen, signal),
    };
    const outcomes = await tryUnits(asked, run);
    const held = outcomes.find((outcome) => outcome.kind === 'hold');
    if (held) gate.hold(held.dependency, held.why);
    else gate.open();
    for (const [i, unit] of chosen.entries()) {
      report(pulled, unit, outcomes[i], run);
      await end(unit, endingOf(outcomes[i], gate.delaySeconds));
    }
  } finally {
    stopBeating();
  }
}

function endingOf(outcome: Outcome, holdSeconds: number): Ending {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'done' };
    case 'retry':
      return { kind: 'release', afterSeconds: outcome.afterSeconds, spend: true };
    case 'hold':
      return { kind: 'release', afterSeconds: holdSeconds, spend: false };
    case 'dead':
      return { kind: 'dead', cause: outcome.why };
  }
}

function report(
  { trigger }: { readonly trigger: string },
  { item, attempt }: Taken,
  outcome: Outcome,
  { log, metrics }: Run<unknown>,
): void {
  metrics.ended(trigger, outcome.kind);
  const fields = { trigger, item, attempt, outcome: outcome.kind };
  if (outcome.kind === 'done') log.debug(fields, 'unit done');
  else if (outcome.kind === 'dead')
    log.error({ ...fields, why: outcome.why }, `unit set aside: ${outcome.why}`);
  else log.warn({ ...fields, why: outcome.why }, `unit given back: ${outcome.why}`);
}

async function endUnit<Unit extends Taken>(
  pulled: Pulled<Unit>,
  unit: Unit,
  ending: Ending,
  { log, stop }: Run<unknown>,
): Promise<void> {
  const what = `ending ${unit.item} of ${pulled.source} (${ending.kind})`;
  const ended = await insist(() => pulled.finish(unit, ending), { log, stop, what });
  if (ended === false)
    log.warn({ item: unit.item }, `${what} changed nothing: another worker has taken it over`);
  if (ended === undefined) log.warn({ item: unit.item }, `${what} was cut short: its lease will expire`);
}
