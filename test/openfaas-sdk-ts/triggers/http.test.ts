import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { defineFunction, Fault, limitBody } from 'openfaas-sdk-ts';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { metric, started } from '../on-sqlite.ts';

const spec = defineFunction({
  name: 'http-test',
  summary: 'Tests the HTTP trigger.',
  config: z.object({}),
  ports: {},
  http(app, { log }) {
    app.get('/hello', (c) => {
      log.info('hello said');
      return c.text('hello');
    });
    app.get('/missing', () => {
      throw new Fault('NS_OBJECT_MISSING', 'There is no raw of detector 3.');
    });
    app.get('/down', () => {
      throw new Fault('NS_DEPENDENCY_UNAVAILABLE', 'Redis did not answer in 1 s.', { dependency: 'redis' });
    });
    app.get('/bug', () => {
      throw new TypeError('a detail of ours');
    });
    app.post('/echo', limitBody(1000), async (c) => c.text(String((await c.req.arrayBuffer()).byteLength)));
  },
});

test('answers routes, with a call id in the answer and in every log line of the request', async () => {
  const fn = await started(spec);
  const response = await fn.app.request('/hello', { headers: { 'x-call-id': 'call-7' } });
  expect(await response.text()).toBe('hello');
  expect(response.headers.get('x-call-id')).toBe('call-7');
  expect(fn.lines.find(({ msg }) => msg === 'hello said')).toMatchObject({
    callId: 'call-7',
    fn: 'http-test',
  });
  expect((await fn.app.request('/hello')).headers.get('x-call-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('a fault is answered as problem+json with its code, status and sentence', async () => {
  const fn = await started(spec);
  const missing = await fn.app.request('/missing');
  expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
  expect(await missing.json()).toMatchObject({
    type: 'urn:nightshift:fault:NS_OBJECT_MISSING',
    status: 404,
    code: 'NS_OBJECT_MISSING',
    detail: 'There is no raw of detector 3.',
  });
  const down = await fn.app.request('/down');
  expect([down.status, down.headers.get('retry-after')]).toEqual([503, '2']);
});

test('an unexpected error is answered without its text and logged with its stack', async () => {
  const fn = await started(spec);
  const response = await fn.app.request('/bug');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('a detail of ours');
  const line = fn.lines.find(({ level }) => level === 'error') as { err: { stack: string } };
  expect(line.err.stack).toContain('TypeError: a detail of ours');
});

test('counts answers below 500 as done and others as given back', async () => {
  const fn = await started(spec);
  for (const path of ['/hello', '/missing', '/bug', '/no-such-route']) await fn.app.request(path);
  expect(await metric(fn, 'nightshift_units_received_total', 'trigger="http"')).toBe(4);
  expect(await metric(fn, 'nightshift_units_done_total', 'trigger="http"')).toBe(3);
  expect(await metric(fn, 'nightshift_units_retried_total', 'trigger="http"')).toBe(1);
});

test('a body over the limit is refused with 413, announced or chunked', async () => {
  const fn = await started(spec);
  const server = serve({ fetch: fn.app.fetch, port: 0 });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const post = (body: string, chunked: boolean) =>
    new Promise<[number, string]>((resolve, reject) => {
      const headers = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': body.length };
      const sent = request({ port, path: '/echo', method: 'POST', headers }, async (response) => {
        resolve([response.statusCode ?? 0, Buffer.concat(await Array.fromAsync(response)).toString()]);
      });
      sent.on('error', reject).end(body);
    });
  for (const chunked of [false, true]) {
    expect(await post('x'.repeat(1000), chunked)).toEqual([200, '1000']);
    const [status, problem] = await post('x'.repeat(1001), chunked);
    expect(status).toBe(413);
    expect(JSON.parse(problem).code).toBe('NS_RECORD_TOO_LARGE');
  }
});
