import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { problemOf, type RunningFunction } from 'openfaas-sdk-ts';
import pino from 'pino';
import { jsonText } from '#shared/domain/json/text.ts';
import { parseAlertId } from '../../functions/archive-read/core.ts';
import { readNight } from '../supervisor/night-file.ts';
import { alertDetails } from './alert-details.ts';
import { type GateAnswer, type NightAnswer, type StampKind, stampKinds } from './answers.ts';
import { bundlePage, type PageFiles } from './bundle-page.ts';
import { followGateCounts } from './gate-counts.ts';
import { icon, pageHeaders, shell } from './shell.ts';
import { stampPng } from './stamp-image.ts';
import { latenciesOf } from './visit-ledger.ts';
import { watchGate } from './watched-gate.ts';
import { type WatchedNight, watchNight } from './watched-night.ts';

/** Visits that the page draws; the latencies of many more are in its chart. */
const visitsShown = 24;
const alertsShown = 60;

/**
 * The console: the night of a data folder as it happens, for a browser. Opens its ports when somebody looks.
 * @param gateMetrics of the sattle-check that runs in this process
 */
export function createConsole(data: string, gateMetrics?: RunningFunction['metrics']): Hono {
  const watched = once(() => watchNight(data, process.env.AP_KAFKA_TOPIC ?? 'lsst-alerts-v11'));
  const lookAt = async (): Promise<WatchedNight> => {
    const night = await watched();
    await night.look();
    return night;
  };
  const gateCounts = gateMetrics && followGateCounts(gateMetrics);
  const gate = once(() => watchGate(data, gateCounts));
  const app = new Hono();
  const log = pino({ base: { fn: 'console' } });
  app.onError((error, reply) => problemOf(error, reply, log));
  addPages(app, lookAt);
  addAnswers(app, data, lookAt);
  app.get('/console/gate', etag(), async (reply) => {
    const [{ visits }, lookAtGate] = [await lookAt(), await gate()];
    const answer: GateAnswer = { ...(await lookAtGate()), waiting: visits.waiting(Date.now()) };
    return reply.json(answer, 200, changing);
  });
  return app;
}

type Look = () => Promise<WatchedNight>;

function addPages(app: Hono, lookAt: Look): void {
  const page = once(bundlePage);
  const file = (type: string, text: (files: PageFiles) => string) => async () =>
    new Response(text(await page()), {
      headers: { ...pageHeaders, 'content-type': `${type}; charset=utf-8` },
    });
  app.get('/', (reply) => reply.html(shell('Nightshift'), 200, pageHeaders));
  app.get('/alerts/:id', async (reply) => {
    const id = reply.req.param('id');
    const found = await findAlert(id, await lookAt());
    return reply.html(shell(`Alert ${id} · Nightshift`), found ? 200 : 404, pageHeaders);
  });
  app.get('/visits/:group', async (reply) => {
    const group = reply.req.param('group');
    const found = (await lookAt()).visits.details(group);
    return reply.html(shell(`Visit ${group} · Nightshift`), found ? 200 : 404, pageHeaders);
  });
  app.get(
    '/console/app.js',
    etag(),
    file('text/javascript', ({ script }) => script),
  );
  app.get(
    '/console/app.css',
    etag(),
    file('text/css', ({ style }) => style),
  );
  app.get('/console/icon.svg', (reply) => reply.body(icon, 200, { 'content-type': 'image/svg+xml' }));
}

function addAnswers(app: Hono, data: string, lookAt: Look): void {
  app.get('/console/state', etag(), async (reply) => {
    const { visits } = await lookAt();
    const all = visits.visits();
    const answer: NightAnswer = {
      night: readNight(data),
      totals: visits.totals(),
      visits: all.slice(-visitsShown).reverse(),
      latencies: latenciesOf(all),
    };
    return reply.json(answer, 200, changing);
  });
  app.get('/console/alerts', etag(), async (reply) => {
    const { alerts } = await lookAt();
    return reply.json(alerts.rows().slice(0, alertsShown), 200, changing);
  });
  app.get('/console/alerts/:id', etag(), async (reply) => {
    const night = await lookAt();
    const found = await findAlert(reply.req.param('id'), night);
    if (!found) return reply.json({ detail: 'no alert of this id was published' }, 404);
    const details = alertDetails(found.alert, found.archived, night.alerts.rows());
    return reply.body(jsonText(details), 200, { ...changing, 'content-type': 'application/json' });
  });
  app.get('/console/visits/:group', etag(), async (reply) => {
    const details = (await lookAt()).visits.details(reply.req.param('group'));
    return details
      ? reply.json(details, 200, changing)
      : reply.json({ detail: 'the ledger knows no visit of this group' }, 404);
  });
  app.get('/console/stamps/:id/:file', etag(), async (reply) => {
    const kind = stampKinds.find((name) => `${name}.png` === reply.req.param('file'));
    const png = kind && (await findStamp(reply.req.param('id'), kind, await lookAt()));
    if (!png) return reply.json({ detail: 'no such stamp' }, 404);
    return reply.body(Uint8Array.from(png), 200, { ...lasting, 'content-type': 'image/png' });
  });
}

/** Kept by the browser, and asked after each time: mostly the answer is 304. */
const changing = { 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };

/** An alert's pixels do not change; an hour, since another night in the same folder has the same ids. */
const lasting = { 'cache-control': 'private, max-age=3600' };

async function findAlert(text: string, night: WatchedNight) {
  const id = parseAlertId(text);
  return id === undefined ? undefined : night.alert(id);
}

async function findStamp(id: string, kind: StampKind, night: WatchedNight): Promise<Uint8Array | undefined> {
  const found = await findAlert(id, night);
  return found && stampPng(found.alert, kind);
}

/** Does it at the first call, and again only where it failed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    made.catch(() => {
      made = undefined;
    });
    return made;
  };
}
