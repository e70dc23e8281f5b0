import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An endpoint that takes created events as enqueue's `/notify` does. */
export interface NotifyServer {
  readonly url: string;
  /** Bodies that it acknowledged, in order. */
  readonly posted: unknown[];
  /** What it answers from now on; 200 at first. */
  answer: (body: unknown) => number;
  close(): Promise<void>;
}

export async function startNotifyServer(): Promise<NotifyServer> {
  const posted: unknown[] = [];
  const http = createServer(async (request, reply) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body: unknown = JSON.parse(text);
    const isJson = request.method === 'POST' && request.headers['content-type'] === 'application/json';
    const status = isJson ? server.answer(body) : 415;
    if (status === 200) posted.push(body);
    reply.writeHead(status, { 'content-type': 'application/json' }).end('[]');
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const server: NotifyServer = {
    url: `http://127.0.0.1:${port}/notify`,
    posted,
    answer: () => 200,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return server;
}
