import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpBindings, type ServerType, serve } from '@hono/node-server';
import type { AnyFunction } from './define-function.ts';
import { isFault } from './faults.ts';
import { inWords } from './gate.ts';
import type { RunningFunction } from './launch.ts';
import { launchOf, portOf } from './settings.ts';
import { type StartOptions, startFunction } from './start-function.ts';

/** Bare, callers with open connections get so long to be told `connection: close` before the port closes. */
const lingerMs = 1000;

/** Bare, requests still at work after that may take so long. */
const httpDrainMs = 25_000;

/**
 * Runs a function as this process until it is told to stop.
 *
 * Behind of-watchdog SIGTERM means: not ready, pull no more, end what is in hand, go on listening and never exit; the
 * watchdog ends the container (an exit of ours, or a closed listener, would lose the requests of the meantime).
 * Bare, the process exits 0 after the drain; a second signal abandons what is in hand, which is given back.
 * `stop` does what SIGTERM does, for a supervisor.
 */
export async function runProcess(
  spec: AnyFunction,
  options: StartOptions & { readonly stop?: AbortSignal } = {},
): Promise<void> {
  const fn = startOrExit(spec, options);
  const bare = launchOf(fn.settings) === 'bare';
  const crash = (error: unknown) => {
    fn.log.fatal({ err: error }, `${fn.name} crashed: ${inWords(error)}`);
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  let draining = false;
  const server = listen(fn, () => bare && draining, crash);
  const why = await askedToStop(fn, bare, options.stop, crash);
  draining = true;
  fn.log.info(`draining: ${why}`);
  await fn.drain();
  fn.log.info('drained');
  if (!bare) return;
  await closeServer(server);
  await fn.stop();
  process.exit(0);
}

function startOrExit(spec: AnyFunction, options: StartOptions): RunningFunction {
  try {
    return startFunction(spec, options);
  } catch (error) {
    if (!isFault(error, 'NS_CONFIGURATION')) throw error;
    process.stderr.write(`${spec.name} cannot start: ${error.message}\n`);
    process.exit(1);
  }
}

function listen(fn: RunningFunction, closing: () => boolean, crash: (error: unknown) => void): ServerType {
  const port = portOf(fn.settings);
  const fetch = (request: Request, env: HttpBindings | object) => {
    if (closing() && 'outgoing' in env) (env.outgoing as ServerResponse).setHeader('connection', 'close');
    return fn.app.fetch(request, env);
  };
  const server = serve({ fetch, port, hostname: '0.0.0.0' }, (address) => {
    fn.log.info({ port: address.port }, `${fn.name} listens on port ${address.port}`);
  });
  return server.on('error', crash);
}

async function askedToStop(
  fn: RunningFunction,
  bare: boolean,
  stop: AbortSignal | undefined,
  crash: (error: unknown) => void,
): Promise<string> {
  const asked = Promise.withResolvers<string>();
  let signals = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      signals += 1;
      asked.resolve(signal);
      if (bare && signals > 1) fn.stop().catch(crash);
    });
  }
  stop?.addEventListener('abort', () => asked.resolve('told by the supervisor'));
  fn.finished.then((why) => {
    if (bare) asked.resolve(why);
  }, crash);
  return asked.promise;
}

/** Answers what is at work and what open connections still send, then closes the port. */
async function closeServer(server: ServerType): Promise<void> {
  await sleep(lingerMs);
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await Promise.race([closed.promise, sleep(httpDrainMs)]);
}
