import type { TimerTrigger } from '../define-function.ts';
import { blamed, createGate, inWords, pause } from '../gate.ts';
import { logWith } from '../log.ts';
import { outcomeOfError } from '../outcome-of-error.ts';
import type { Lease, LeaseSource } from '../sources.ts';
import { withinLimit } from '../within-limit.ts';
import { every, type Run } from './run.ts';

/** The lease of a tick ends a little before the next one is due, so that the same replica may have that too. */
const share = 0.9;

/**
 * Ticks at once and then every `everySeconds`, in one replica of several: the lease `name` is kept until the period is
 * nearly over, also when the tick was shorter; a tick that failed gives it back.
 */
export async function runTimer<C>(
  name: string,
  trigger: TimerTrigger<C>,
  leases: LeaseSource,
  run: Run<C>,
): Promise<void> {
  const gate = createGate('timer', run);
  while (!run.pulling.aborted) {
    const begunMs = run.time.process();
    try {
      const lease = await leases.take(name, run.leaseSeconds);
      if (lease) await tick(trigger, leases, lease, begunMs, run);
      gate.open();
    } catch (error) {
      const outcome = outcomeOfError(error, 1);
      if (outcome.kind === 'hold') gate.hold(blamed(error, 'leases'), inWords(error));
      run.metrics.ended('timer', outcome.kind);
      run.log.error({ err: error, trigger: 'timer' }, `the tick failed: ${inWords(error)}`);
    }
    const elapsed = (run.time.process() - begunMs) / 1000;
    await pause(gate.heldBy ? gate.delaySeconds : Math.max(0, trigger.everySeconds - elapsed), run.pulling);
  }
}

async function tick<C>(
  trigger: TimerTrigger<C>,
  leases: LeaseSource,
  lease: Lease,
  begunMs: number,
  run: Run<C>,
): Promise<void> {
  const beat = async () => {
    if (!(await leases.extend(lease, run.leaseSeconds)))
      run.log.warn(`the lease ${lease.name} was lost in mid-tick`);
  };
  const stopBeating = every(run.leaseSeconds / 3, beat, run.log);
  run.metrics.received('timer', 1);
  const work = (signal: AbortSignal) =>
    logWith({ trigger: 'timer' }, () => trigger.tick({ ...run.context, signal }));
  try {
    await run.metrics.timed('timer', () => withinLimit(trigger.limitSeconds, [run.stop], work));
  } catch (error) {
    await leases.release(lease);
    throw error;
  } finally {
    stopBeating();
  }
  run.metrics.ended('timer', 'done');
  const remaining = Math.floor(trigger.everySeconds * share - (run.time.process() - begunMs) / 1000);
  if (remaining > 0) await leases.extend(lease, remaining);
  else await leases.release(lease);
}
