import type { Logger } from 'pino';
import type { Time } from '../define-function.ts';
import { backOffSeconds, inWords, pause } from '../gate.ts';
import type { Metrics } from '../metrics.ts';

/** What a trigger needs of the launch that it runs in. */
export interface Run<C> {
  readonly context: C;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly time: Time;
  /** Name of this process among the workers of a source; never that of an earlier one, whose leases must expire. */
  readonly worker: string;
  readonly leaseSeconds: number;
  /** Longest wait of one take for a first unit. */
  readonly waitSeconds: number;
  /** Aborts when the drain begins: pull no more, finish what is in hand. */
  readonly pulling: AbortSignal;
  /** Aborts when the drain is cut short: abandon what is in hand. */
  readonly stop: AbortSignal;
  /** Tells the launch that this trigger had work, found none, or has been held for a minute. */
  worked(): void;
  idle(): void;
  heldLong(dependency: string): void;
}

/** Repeats a step at a source (an ending, an append) until it succeeds; undefined when `stop` came before that. */
export async function insist<T>(
  step: () => Promise<T>,
  { log, stop, what }: { log: Logger; stop: AbortSignal; what: string },
): Promise<T | undefined> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await step();
    } catch (error) {
      log.warn({ err: error, failures }, `${what} failed: ${inWords(error)}`);
      await pause(backOffSeconds(failures), stop);
      if (stop.aborted) return undefined;
    }
  }
}

/** Calls `beat` every `seconds` until the answer is called; a beat that fails is logged, the next one tries again. */
export function every(seconds: number, beat: () => Promise<void>, log: Logger): () => void {
  let beating = false;
  const timer = setInterval(() => {
    if (beating) return;
    beating = true;
    beat()
      .catch((error: unknown) => log.warn({ err: error }, 'a heartbeat failed; the next one follows'))
      .finally(() => {
        beating = false;
      });
  }, seconds * 1000);
  return () => clearInterval(timer);
}
