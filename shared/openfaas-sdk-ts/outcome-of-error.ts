import { Fault, faults } from './faults.ts';
import { dead, hold, type Outcome, retry } from './outcome.ts';

/** Longest pause before a unit is tried again after an error. */
const longestRetrySeconds = 300;

/** Pause before a unit's next attempt: 2, 4, 8 ... 300 s. */
const retrySeconds = (attempt: number): number => Math.min(longestRetrySeconds, 2 ** attempt);

/** What a thrown error means for the unit: the policy of its fault, or a retry for what no rule foresees. */
export function outcomeOfError(error: unknown, attempt = 1): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  const fault = faultOf(error);
  const code = fault?.code ?? 'NS_UNEXPECTED';
  const why = `${code}: ${message}`;
  switch (faults[code].policy) {
    case 'hold':
      return hold(fault?.dependency ?? 'an unnamed dependency', why);
    case 'stop':
      return hold('configuration', why);
    case 'dead':
      return dead(why);
    case 'retry':
      return retry(retrySeconds(attempt), why);
  }
}

/** The fault itself, or the one that an AbortError carries: why the signal was aborted. */
function faultOf(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  return error instanceof Error && error.cause instanceof Fault ? error.cause : undefined;
}
