import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { logWith } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { problem, problemOf } from '../problem.ts';

/** A function's own routes, with what every request gets: call id, metrics, and errors as problem+json. */
export function createHttpApp(log: Logger, metrics: Metrics): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const callId = c.req.header('x-call-id') ?? randomUUID();
    metrics.received('http', 1);
    await logWith({ callId }, () => metrics.timed('http', next));
    c.header('x-call-id', callId);
    metrics.ended('http', c.res.status < 500 ? 'done' : 'retry');
    log.debug({ callId, method: c.req.method, path: c.req.path, status: c.res.status }, 'request answered');
  });
  app.onError((error, c) => problemOf(error, c, log));
  app.notFound(({ req }) =>
    problem({ title: 'Not Found', status: 404, detail: `There is no ${req.method} ${req.path} here.` }),
  );
  return app;
}

/** The routes that OpenFaaS and Prometheus ask, before the function's own, which are there once it `serves`. */
export function withOwnRoutes(
  http: Hono,
  metrics: Registry,
  launch: { state(): string; serves(): boolean },
): Hono {
  const app = new Hono();
  app.get('/_/health', (c) => c.text('ok'));
  app.get('/_/ready', (c) => c.text(launch.state(), launch.state() === 'ready' ? 200 : 503));
  app.get('/metrics', async (c) =>
    c.body(await metrics.metrics(), 200, { 'content-type': metrics.contentType }),
  );
  app.all('*', (c) => {
    if (launch.serves()) return http.fetch(c.req.raw, c.env);
    const detail = `The function is ${launch.state()}.`;
    return problem({ title: 'Service Unavailable', status: 503, detail }, { 'retry-after': '1' });
  });
  return app;
}
