import { Fault } from './faults.ts';

/** A handler that does not heed its aborted signal is given up after this: healthcheck_interval is the limit + 2 s. */
const giveUpSeconds = 1;

/**
 * Calls a handler with a signal that aborts at the limit or with one of `stops`, and gives it up a second after that.
 * @throws what the handler throws; Fault NS_TIME_LIMIT, or the reason of the stop, when it was given up.
 */
export async function withinLimit<T>(
  limitSeconds: number,
  stops: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const unit = new AbortController();
  let givingUp: NodeJS.Timeout | undefined;
  const givenUp = new Promise<never>((_, reject) => {
    unit.signal.addEventListener('abort', () => {
      givingUp = setTimeout(() => reject(unit.signal.reason), giveUpSeconds * 1000);
    });
  });
  const onStop = () => unit.abort(stops.find((stop) => stop.aborted)?.reason);
  for (const stop of stops) stop.addEventListener('abort', onStop);
  if (stops.some((stop) => stop.aborted)) onStop();
  const limit = setTimeout(() => {
    unit.abort(new Fault('NS_TIME_LIMIT', `The unit took longer than its limit of ${limitSeconds} s.`));
  }, limitSeconds * 1000);
  try {
    return await Promise.race([work(unit.signal), givenUp]);
  } catch (error) {
    throw unit.signal.aborted && isAbort(error) ? unit.signal.reason : error;
  } finally {
    clearTimeout(limit);
    clearTimeout(givingUp);
    for (const stop of stops) stop.removeEventListener('abort', onStop);
  }
}

/** What clients throw when their signal aborts says nothing of why; the signal's reason does. */
const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
