import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Time } from './define-function.ts';
import { isFault } from './faults.ts';
import type { Metrics } from './metrics.ts';

const shortestSeconds = 1;
const longestSeconds = 30;

/**
 * Back-off before the n-th probe (from 0): 1 s doubled up to 30 s, spread by a quarter so that workers do not march in
 * step, in eighths of a second.
 */
export function backOffSeconds(failures: number): number {
  const base = Math.min(longestSeconds, shortestSeconds * 2 ** failures);
  const spread = Math.round(base * (0.75 + Math.random() / 2) * 8) / 8;
  return Math.min(longestSeconds, Math.max(shortestSeconds, spread));
}

/** Waits; an abort ends the wait without an error. */
export const pause = (seconds: number, signal: AbortSignal): Promise<void> =>
  sleep(seconds * 1000, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });

/**
 * Stands between a trigger and its source. While it is held nothing is pulled; after a back-off one unit may pass as
 * the probe, and the gate opens when that one was not held again.
 */
export interface Gate {
  /** The dependency that the gate waits for. */
  readonly heldBy: string | undefined;
  /** Seconds until the next probe, chosen by the last `hold`. */
  readonly delaySeconds: number;
  hold(dependency: string, why: string): void;
  open(): void;
  /** Passes at once when open, else after the back-off. */
  pass(signal: AbortSignal): Promise<void>;
}

/** Held so long without a break, a worker that has nothing else to do may give its place back. */
const longHoldSeconds = 60;

export function createGate(
  trigger: string,
  {
    log,
    metrics,
    time,
    heldLong,
  }: { log: Logger; metrics: Metrics; time: Time; heldLong?: (by: string) => void },
): Gate {
  let held: { by: string; sinceMs: number; failures: number; delaySeconds: number } | undefined;
  let long: NodeJS.Timeout | undefined;
  return {
    get heldBy() {
      return held?.by;
    },
    get delaySeconds() {
      return held?.delaySeconds ?? 0;
    },
    hold(dependency, why) {
      const failures = held ? held.failures + 1 : 0;
      if (held && held.by !== dependency) metrics.holding(trigger, held.by, false);
      const delaySeconds = backOffSeconds(failures);
      long ??= setTimeout(() => heldLong?.(dependency), longHoldSeconds * 1000).unref();
      held = { by: dependency, sinceMs: held?.sinceMs ?? time.process(), failures, delaySeconds };
      metrics.holding(trigger, dependency, true);
      log.warn(
        { trigger, dependency, why, probeInSeconds: delaySeconds },
        `holding for ${dependency}: ${why}`,
      );
    },
    open() {
      if (!held) return;
      clearTimeout(long);
      long = undefined;
      metrics.holding(trigger, held.by, false);
      const seconds = (time.process() - held.sinceMs) / 1000;
      log.info({ trigger, dependency: held.by, seconds }, `${held.by} answers again`);
      held = undefined;
    },
    pass: (signal) => (held ? pause(held.delaySeconds, signal) : Promise.resolve()),
  };
}

/** The dependency that an error of a source blames: the one its fault names, else the source itself. */
export const blamed = (error: unknown, source: string): string =>
  (isFault(error) ? error.dependency : undefined) ?? source;

export const inWords = (error: unknown): string => (error instanceof Error ? error.message : String(error));
