import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { type RunningFunction, startFunction } from 'openfaas-sdk-ts';
import pino from 'pino';
import { deliverCreatedEvents } from '#shared/wiring/created-events.ts';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { createConsole } from '../console/server.ts';
import { type FunctionName, functionNames, functions } from '../functions.ts';
import { environmentOf } from '../open-port.ts';
import { timeOf } from './night-file.ts';

/** Functions that scale by work of their own; all others run together as the services. */
const workers: readonly FunctionName[] = ['process-detector'];

/**
 * All functions but the workers in this process, behind one gateway with OpenFaaS's routes, with the console page and
 * the delivery of the raw bucket's created events. Runs until `stop`, then drains.
 */
export async function runServices(data: string, port: number, stop: AbortSignal): Promise<void> {
  const names = functionNames.filter((name) => !workers.includes(name));
  const running = await Promise.all(names.map((name) => startOne(name, data)));
  const app = createGateway(running);
  app.route('/', createConsole(data, running.find(({ name }) => name === 'sattle-check')?.metrics));
  const server = serve({ fetch: app.fetch, port, hostname: '0.0.0.0' });
  const events = deliverEvents(data, port, stop);
  await Promise.race([
    new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true })),
    ...running.map(({ finished }) => finished),
    events,
  ]);
  await Promise.all(running.map((fn) => fn.drain()));
  server.close();
  await Promise.all(running.map((fn) => fn.stop()));
}

/** OpenFaaS's routes: `/function/{name}/{path}` reaches the function as `/{path}`. */
function createGateway(running: readonly RunningFunction[]): Hono {
  const app = new Hono();
  for (const fn of running) app.mount(`/function/${fn.name}`, fn.app.fetch);
  app.get('/healthz', (reply) => reply.text('OK'));
  return app;
}

async function startOne(name: FunctionName, data: string): Promise<RunningFunction> {
  const { default: spec } = await functions[name]();
  // enqueue hears of each object by HTTP here; its topic is for sites whose Ceph writes to Kafka.
  const environment = name === 'enqueue' ? { ...process.env, TRIGGERS: 'http' } : process.env;
  return startFunction(spec, { environment: { ...environment, LAUNCH: 'bare' }, time: timeOf(data) });
}

async function deliverEvents(data: string, port: number, stop: AbortSignal): Promise<void> {
  const log = pino({ base: { fn: 'created-events' } });
  const writer = await logWriter('s3-events').open({
    environment: environmentOf(data),
    log,
    functionName: 'created-events',
  });
  await deliverCreatedEvents({
    data,
    bucket: 'raw',
    notifyUrl: `http://127.0.0.1:${port}/function/enqueue/notify`,
    secret: readFileSync(join(data, 'secrets', 'notification-secret'), 'utf8').trim(),
    log: writer,
    topic: process.env.BUCKET_TOPIC ?? 'raw-notification',
    signal: stop,
    warn: (sentence) => log.warn(sentence),
  });
}
