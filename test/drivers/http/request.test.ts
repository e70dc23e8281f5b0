import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { request } from '#shared/drivers/http/request.ts';
import { firstLine } from '../../support/processes.ts';
import { reply, testServer } from './server.ts';

const unavailable = { code: 'NS_DEPENDENCY_UNAVAILABLE', dependency: 'sattle' };
const ask = (url: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  request('sattle', url, { timeoutMs: 5000, ...options });

describe('a request', () => {
  test('carries a body and brings status and text back, redirections included', async () => {
    const server = await testServer((response, { method, url, body }) => {
      if (url === '/moved') response.writeHead(302, { location: '/elsewhere' }).end('moved');
      else reply(response, 201, body, { 'x-of': method });
    });
    const sent = { method: 'PUT', body: '{"żółć":1}', timeoutMs: 5000 };
    const answer = await request('sattle', `${server.url}/x`, { ...sent, headers: { 'x-nonce': 'n' } });
    expect(answer).toMatchObject({ status: 201, text: '{"żółć":1}', headers: { 'x-of': 'PUT' } });
    const headers = { 'content-type': 'application/json', 'x-nonce': 'n' };
    expect(server.received).toMatchObject([{ method: 'PUT', url: '/x', body: '{"żółć":1}', headers }]);
    expect(await ask(`${server.url}/moved`)).toMatchObject({ status: 302, text: 'moved' });
  });

  test('of nobody, of one who does not answer and of one who breaks off is the dependency’s fault', async () => {
    const server = await testServer((response, { url }) => {
      if (url === '/cut') {
        response.writeHead(200, { 'content-length': '100' }).write('{"half":');
        setTimeout(() => response.destroy(), 50);
      }
      if (url === '/slow') response.writeHead(200).write('{');
    });
    await expect(ask('http://127.0.0.1:1/')).rejects.toMatchObject(unavailable);
    await expect(ask(`${server.url}/cut`)).rejects.toMatchObject(unavailable);
    await expect(ask(`${server.url}/silent`, { timeoutMs: 100 })).rejects.toThrow('no answer within 100 ms');
    await expect(ask(`${server.url}/slow`, { timeoutMs: 100 })).rejects.toMatchObject(unavailable);
  });

  test('whose answer does not end is given up before it fills the memory', async () => {
    let sent = 0;
    const server = await testServer((response) => {
      const megabyte = Buffer.alloc(1 << 20, 32);
      const more = (): void => {
        sent += 1;
        if (!response.destroyed && sent < 200) response.write(megabyte, more);
      };
      response.writeHead(200);
      more();
    });
    await expect(ask(server.url)).rejects.toThrow('its answer is longer than 16777216 bytes');
    expect(sent).toBeLessThan(100);
  });

  test('to a host that takes no connection does not cost its whole time', async () => {
    // A stopped process whose queue of connections is full: the kernel drops what comes then, as a dead host does.
    const listen = "createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, report)";
    const script = `const report = function () { console.log(this.address().port) }; require('net').${listen}`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = Number(await firstLine(child));
    child.kill('SIGSTOP');
    const queue = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    onTestFinished(() => {
      child.kill('SIGKILL');
      for (const socket of queue) socket.destroy();
    });
    const began = performance.now();
    await expect(ask(`http://127.0.0.1:${port}/`, { timeoutMs: 10_000 })).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('no connection within 1000 ms'),
    });
    expect(performance.now() - began).toBeLessThan(2500);
  });

  test('ended by the caller’s signal ends with its reason', async () => {
    const server = await testServer(() => {});
    const stop = new AbortController();
    const reason = new Error('the unit took too long');
    setTimeout(() => stop.abort(reason), 50);
    await expect(ask(server.url, { signal: stop.signal })).rejects.toBe(reason);
  });

  test('on a kept connection that the server closes meanwhile is sent again', async () => {
    let closing = false;
    const server = await testServer((response, _received, { socket }) => {
      // The first request on the connection is answered, the second one finds it closed.
      if (closing) {
        closing = false;
        socket.resetAndDestroy();
      } else {
        reply(response, 200, 'here');
      }
    });
    expect((await ask(server.url)).text).toBe('here');
    closing = true;
    expect((await ask(server.url)).text).toBe('here');
    expect(server.received).toHaveLength(3);
  });
});
