import { Fault } from '../faults.ts';
import { inWords } from '../gate.ts';
import { logWith } from '../log.ts';
import { dead, type Outcome } from '../outcome.ts';
import { outcomeOfError } from '../outcome-of-error.ts';
import { withinLimit } from '../within-limit.ts';
import type { Run } from './run.ts';

/** One call of a handler, with one unit or several. */
export interface Try {
  readonly trigger: string;
  /** Name of the first unit, for the log. */
  readonly item: string;
  /** Which attempt this is for each unit, from 1. */
  readonly attempts: readonly number[];
  readonly mostAttempts: number;
  readonly limitSeconds: number;
  readonly stops: readonly AbortSignal[];
  handle(signal: AbortSignal): Promise<Outcome[]>;
}

/**
 * Calls the handler within its limit and answers an outcome for each unit. An error means for all what its fault says;
 * a retry beyond the last attempt is dead. A first unit that has no attempt left is dead untried: it killed its process
 * each time, so it must come alone.
 */
export async function tryUnits(asked: Try, { log, metrics }: Run<unknown>): Promise<Outcome[]> {
  const { trigger, item, attempts, mostAttempts } = asked;
  const [attempt] = attempts;
  if (attempt > mostAttempts) {
    return [dead(`tried ${attempt - 1} times without an end: the process died with it in hand`)];
  }
  const fields = { trigger, item, attempt };
  const work = (signal: AbortSignal) => logWith(fields, () => asked.handle(signal));
  const spend = (outcome: Outcome, i: number) => afterAttempts(outcome, attempts[i], mostAttempts);
  try {
    const outcomes = await metrics.timed(trigger, () => withinLimit(asked.limitSeconds, asked.stops, work));
    if (outcomes.length !== attempts.length) {
      const counts = `${outcomes.length} outcomes for ${attempts.length} units`;
      throw new Fault('NS_UNEXPECTED', `The handler gave ${counts}; it owes one for each, in order.`);
    }
    return outcomes.map(spend);
  } catch (error) {
    log.error({ err: error, ...fields }, `the handler failed: ${inWords(error)}`);
    return attempts.map((each, i) => spend(outcomeOfError(error, each), i));
  }
}

const afterAttempts = (outcome: Outcome, attempt: number, most: number): Outcome =>
  outcome.kind === 'retry' && attempt >= most
    ? dead(`attempt ${attempt} of ${most} failed: ${outcome.why}`)
    : outcome;
