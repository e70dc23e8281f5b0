import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { AnyContext, AnyFunction, Time } from './define-function.ts';
import { Fault } from './faults.ts';
import { inWords } from './gate.ts';
import { createMetrics } from './metrics.ts';
import { createOpenPorts, type OpenPorts, untilAnswered } from './open-ports.ts';
import type { Settings, TriggerKind } from './settings.ts';
import { createHttpApp } from './triggers/http.ts';
import { runQueue } from './triggers/queue.ts';
import type { Run } from './triggers/run.ts';
import { runStream } from './triggers/stream.ts';
import { runTimer } from './triggers/timer.ts';
import { runTopic } from './triggers/topic.ts';
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

/** One take waits so long for a first unit: a source that was silently replaced is found within it. */
const longestWaitSeconds = 5;

/** Opens ports, warms up and runs the triggers of the plan in the background. */
export function launch(spec: AnyFunction, plan: LaunchPlan): RunningFunction {
  const { settings, log, time, triggers } = plan;
  const metrics = createMetrics(spec.name);
  const draining = new AbortController();
  const stopping = new AbortController();
  const finished = Promise.withResolvers<string>();
  const watch = watchOnlyTrigger(plan, finished.resolve);
  const shared = { log, metrics, time, pulling: draining.signal, stop: stopping.signal, ...watch };
  const ports = createOpenPorts({ environment: plan.environment, log, functionName: spec.name }, shared);
  const http = createHttpApp(log, metrics);
  let state: 'starting' | 'ready' | 'draining' | 'stopped' = 'starting';
  let loops: Promise<void> = Promise.resolve();
  let cool: (() => Promise<void>) | undefined;

  const begin = async () => {
    const context = await contextOf(spec, plan, ports, metrics.registry, stopping.signal);
    cool = await untilAnswered('warm-up', async () => spec.start?.(context), shared);
    const worker = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
    const waitSeconds = Math.min(longestWaitSeconds, settings.IDLE_EXIT_SECONDS ?? longestWaitSeconds);
    const run = { ...shared, context, worker, leaseSeconds: settings.LEASE_SECONDS, waitSeconds };
    const start = await openTriggers(spec, triggers, ports, run);
    if (triggers.has('http')) spec.http?.(http, context);
    if (draining.signal.aborted) return;
    state = 'ready';
    log.info({ triggers: [...triggers] }, `${spec.name} is ready`);
    loops = start();
    loops.catch(broke);
  };
  const broke = (error: unknown) => {
    if (!draining.signal.aborted) log.fatal({ err: error }, `${spec.name} broke: ${inWords(error)}`);
    finished.reject(error);
  };
  finished.promise.catch(() => log.debug('the launch did not end well, as the line before says'));
  const begun = begin();
  begun.catch(broke);

  const drain = async () => {
    if (state !== 'stopped') state = 'draining';
    draining.abort();
    await Promise.allSettled([begun]);
    await Promise.allSettled([loops]);
  };
  return {
    name: spec.name,
    settings,
    log,
    metrics: metrics.registry,
    app: outerApp(http, metrics.registry, () => state),
    ready: () => begun,
    drain,
    async stop() {
      stopping.abort(new Fault('NS_STOPPED', `${spec.name} was told to stop at once.`));
      await drain();
      state = 'stopped';
      await cool?.();
      cool = undefined;
      await ports.close();
    },
    finished: finished.promise,
  };
}

async function contextOf(
  spec: AnyFunction,
  { config, time, log }: LaunchPlan,
  ports: OpenPorts,
  metrics: Registry,
  signal: AbortSignal,
): Promise<AnyContext> {
  const entries = Object.entries(spec.ports).map(async ([name, wiring]) => [name, await ports.open(wiring)]);
  const opened = Object.fromEntries(await Promise.all(entries));
  return { config, ports: opened, time, log, metrics, signal };
}

/** Opens the sources of the picked triggers; the answer sets them going. */
async function openTriggers(
  { name, topic, stream, queue, timer }: AnyFunction,
  picked: ReadonlySet<TriggerKind>,
  ports: OpenPorts,
  run: Run<AnyContext>,
): Promise<() => Promise<void>> {
  const loops: (() => Promise<void>)[] = [];
  if (topic && picked.has('topic')) {
    const log = await ports.open(topic.log);
    const aside = await ports.open(topic.aside ?? topic.log);
    loops.push(() => runTopic(topic, log, aside, run));
  }
  if (stream && picked.has('stream')) {
    const source = await ports.open(stream.stream);
    loops.push(() => runStream(stream, source, run));
  }
  if (queue && picked.has('queue')) {
    const source = await ports.open(queue.queue);
    loops.push(() => runQueue(queue, source, run));
  }
  if (timer && picked.has('timer')) {
    const leases = await ports.open(timer.leases);
    loops.push(() => runTimer(name, timer, leases, run));
  }
  return async () => {
    await Promise.all(loops.map((loop) => loop()));
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

/** The routes that OpenFaaS and Prometheus ask, before the function's own. */
function outerApp(http: Hono, metrics: Registry, state: () => string): Hono {
  const app = new Hono();
  app.get('/_/health', (c) => c.text('ok'));
  app.get('/_/ready', (c) => c.text(state(), state() === 'ready' ? 200 : 503));
  app.get('/metrics', async (c) =>
    c.body(await metrics.metrics(), 200, { 'content-type': metrics.contentType }),
  );
  app.all('*', (c) => {
    if (state() === 'ready' || state() === 'draining') return http.fetch(c.req.raw, c.env);
    const problem = {
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      detail: `The function is ${state()}.`,
    };
    return c.json(problem, 503, { 'content-type': 'application/problem+json', 'retry-after': '1' });
  });
  return app;
}
