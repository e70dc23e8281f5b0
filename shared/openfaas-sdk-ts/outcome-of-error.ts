import { Fault, faults } from './faults.ts';
import { dead, hold, type Outcome, retry } from './outcome.ts';

/** What a thrown error means for the unit: the policy of its fault, or a retry for what no rule foresees. */
export function outcomeOfError(error: unknown): Outcome {
  const why = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Fault)) return retry(2, why);
  const { policy } = faults[error.code];
  if (policy === 'hold') return hold(error.dependency ?? 'a dependency', why);
  return policy === 'retry' ? retry(2, why) : dead(why);
}
