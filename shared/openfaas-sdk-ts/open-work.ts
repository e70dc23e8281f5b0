import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Hono } from 'hono';
import type { AnyContext, AnyFunction } from './define-function.ts';
import type { LaunchPlan } from './launch.ts';
import { createOpenPorts, type OpenPorts, untilAnswered } from './open-ports.ts';
import type { TriggerKind } from './settings.ts';
import { runQueue } from './triggers/queue.ts';
import type { Run } from './triggers/run.ts';
import { runStream } from './triggers/stream.ts';
import { runTimer } from './triggers/timer.ts';
import { runTopic } from './triggers/topic.ts';

/** One take waits so long for a first unit: a source that was silently replaced is found within it. */
const longestWaitSeconds = 5;

/** What every trigger of a launch shares. */
export type Shared = Omit<Run<AnyContext>, 'context' | 'worker' | 'leaseSeconds' | 'waitSeconds'>;

/** An opened function: `run` sets its pulling triggers going, `close` ends what the warm-up began and closes the ports. */
export interface OpenWork {
  run(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens ports, warms up, registers the routes and opens the sources of the launch's triggers, in this order; a launch
 * without triggers opens nothing. What was opened is closed again when a later step fails.
 */
export async function openWork(
  spec: AnyFunction,
  { config, environment, log, settings, time, triggers }: LaunchPlan,
  http: Hono,
  shared: Shared,
): Promise<OpenWork> {
  if (triggers.size === 0) return { run: async () => {}, close: async () => {} };
  const ports = createOpenPorts({ environment, log, functionName: spec.name }, shared);
  let cool: (() => Promise<void>) | undefined;
  const close = async () => {
    await cool?.();
    await ports.close();
  };
  try {
    const { registry: metrics } = shared.metrics;
    const opened = await openOwnPorts(spec, ports);
    const context = { config, ports: opened, time, log, metrics, signal: shared.stop };
    cool = await untilAnswered('warm-up', async () => spec.start?.(context), shared);
    if (triggers.has('http')) spec.http?.(http, context);
    const worker = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
    const waitSeconds = Math.min(longestWaitSeconds, settings.IDLE_EXIT_SECONDS ?? longestWaitSeconds);
    const run = { ...shared, context, worker, leaseSeconds: settings.LEASE_SECONDS, waitSeconds };
    return { run: await openTriggers(spec, triggers, ports, run), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openOwnPorts(spec: AnyFunction, ports: OpenPorts): Promise<AnyContext['ports']> {
  const entries = Object.entries(spec.ports).map(async ([name, wiring]) => [name, await ports.open(wiring)]);
  return Object.fromEntries(await Promise.all(entries));
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
