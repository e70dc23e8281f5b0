import type { Hono } from 'hono';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { AnyFunction, Time } from './define-function.ts';
import { Fault } from './faults.ts';
import { inWords } from './gate.ts';
import { createMetrics } from './metrics.ts';
import { type OpenWork, openWork } from './open-work.ts';
import type { Settings, TriggerKind } from './settings.ts';
import { createHttpApp, withOwnRoutes } from './triggers/http.ts';
import type { Run } from './triggers/run.ts';
import type { Environment } from './wiring.ts';

/** A function at work in this process. */
export interface RunningFunction {
  readonly name: string;
  readonly settings: Settings;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Its routes with /_/health, /_/ready and /metrics; a request before it is ready answers 503. */
  readonly app: Hono;
  /** When ports are open, warm-up is over and triggers run. @throws what made the start impossible. */
  ready(): Promise<void>;
  /** Not ready, pull no more, finish and acknowledge what is in hand; HTTP goes on being answered. */
  drain(): Promise<void>;
  /** Abandons units that are still in hand, then closes everything. After a drain nothing is in hand. */
  stop(): Promise<void>;
  /** Why a worker has nothing left to do: idle, or its only trigger held for long. Rejects when start or a trigger broke. */
  readonly finished: Promise<string>;
}

export interface LaunchPlan {
  readonly settings: Settings;
  readonly triggers: ReadonlySet<TriggerKind>;
  readonly config: Record<string, unknown>;
  readonly environment: Environment;
  readonly log: Logger;
  readonly time: Time;
}

/** Opens ports, warms up and runs the triggers of the plan in the background. */
export function launch(spec: AnyFunction, plan: LaunchPlan): RunningFunction {
  const { log, time } = plan;
  const metrics = createMetrics(spec.name);
  const http = createHttpApp(log, metrics);
  const draining = new AbortController();
  const stopping = new AbortController();
  const finished = Promise.withResolvers<string>();
  let state: 'starting' | 'ready' | 'draining' | 'stopped' = 'starting';
  let work: OpenWork | undefined;
  let running: Promise<void> = Promise.resolve();

  const begin = async () => {
    const only = watchOnlyTrigger(plan, finished.resolve);
    const shared = { log, metrics, time, pulling: draining.signal, stop: stopping.signal, ...only };
    work = await openWork(spec, plan, http, shared);
    if (draining.signal.aborted) return;
    state = 'ready';
    log.info({ triggers: [...plan.triggers] }, `${spec.name} is ready`);
    running = work.run();
    running.catch(broke);
  };
  const broke = (error: unknown) => {
    // What a drain cuts short, such as waiting for a service at the start, is no failure.
    if (draining.signal.aborted) return;
    log.fatal({ err: error }, `${spec.name} broke: ${inWords(error)}`);
    finished.reject(error);
  };
  // Who does not ask why it finished has the line above.
  finished.promise.catch(() => undefined);
  const begun = begin();
  begun.catch(broke);

  const drain = async () => {
    if (state !== 'stopped') state = 'draining';
    draining.abort();
    await Promise.allSettled([begun]);
    await Promise.allSettled([running]);
  };
  return {
    name: spec.name,
    settings: plan.settings,
    log,
    metrics: metrics.registry,
    app: withOwnRoutes(http, metrics.registry, { state: () => state, serves: () => work !== undefined }),
    ready: () => begun,
    drain,
    async stop() {
      const why = `${spec.name} was told to stop at once.`;
      stopping.abort(new Fault('NS_STOPPED', why, { dependency: 'this process' }));
      await drain();
      state = 'stopped';
      await work?.close();
      work = undefined;
    },
    finished: finished.promise,
  };
}

/** A launch of one pulling trigger is a worker: without work, or held, for long, it has nothing left to do. */
function watchOnlyTrigger(
  { settings, triggers, time }: LaunchPlan,
  finish: (why: string) => void,
): Pick<Run<unknown>, 'worked' | 'idle' | 'heldLong'> {
  const only = triggers.size === 1 && !triggers.has('http') && !triggers.has('timer');
  let lastUnitMs = time.process();
  return {
    worked: () => {
      lastUnitMs = time.process();
    },
    idle: () => {
      const seconds = (time.process() - lastUnitMs) / 1000;
      if (only && seconds >= (settings.IDLE_EXIT_SECONDS ?? Number.POSITIVE_INFINITY)) {
        finish(`no work for ${Math.round(seconds)} s`);
      }
    },
    heldLong: (dependency) => {
      if (only) finish(`${dependency} has not answered for a minute`);
    },
  };
}
