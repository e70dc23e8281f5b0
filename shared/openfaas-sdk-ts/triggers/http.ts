import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import { logWith } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { problemOf } from '../problem.ts';

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
  app.notFound((c) =>
    c.json(
      {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: `No route ${c.req.method} ${c.req.path}.`,
      },
      404,
      {
        'content-type': 'application/problem+json',
      },
    ),
  );
  return app;
}
