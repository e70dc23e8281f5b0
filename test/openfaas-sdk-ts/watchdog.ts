import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createSocketServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A process under test, its standard output by line, and how it ended. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: string[];
  readonly ended: Promise<number | string>;
}

/** Starts `node index.js` with exactly these variables. */
export function startBundle(file: string, environment: Record<string, string>): Child {
  const child = spawn(process.execPath, [file], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => lines.push(...String(text).split('\n').filter(Boolean)));
  }
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  return { process: child, lines, ended };
}

/** A function behind of-watchdog, or behind what stands for it. */
export interface Watched {
  readonly port: number;
  /** Port of the function itself. */
  readonly childPort: number;
  /** SIGTERM to the watchdog; resolves when it has exited. */
  terminate(): Promise<void>;
}

interface WatchdogOptions {
  readonly environment: Record<string, string>;
  readonly healthcheckSeconds: number;
  readonly writeTimeoutSeconds: number;
}

/**
 * The signal order of of-watchdog 0.11.6 in http mode, as measured on the real one: on SIGTERM it stops being healthy
 * and ready, passes the signal to the child at once, accepts requests for `healthcheck_interval` more, then closes its
 * listener, waits up to `write_timeout` for requests at work, and exits, which ends the container and the child in it.
 */
export async function startStandIn(file: string, options: WatchdogOptions): Promise<Watched> {
  const childPort = await freePort();
  const child = startBundle(file, {
    ...options.environment,
    mode: 'http',
    fprocess: 'node index.js',
    http_port: String(childPort),
    upstream_url: `http://127.0.0.1:${childPort}`,
  });
  let terminating = false;
  const server = createServer((incoming, outgoing) => {
    if (terminating && incoming.url?.startsWith('/_/')) {
      outgoing.writeHead(503).end();
      return;
    }
    const { 'content-length': _, ...headers } = incoming.headers;
    const { method, url: path } = incoming;
    const upstream = request({ port: childPort, path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.on('error', (error) => outgoing.writeHead(500).end(`watchdog: ${error.message}`));
    incoming.pipe(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return {
    childPort,
    port: (server.address() as AddressInfo).port,
    async terminate() {
      terminating = true;
      child.process.kill('SIGTERM');
      await sleep(options.healthcheckSeconds * 1000);
      const drained = new Promise((resolve) => server.close(resolve));
      await Promise.race([drained, sleep(options.writeTimeoutSeconds * 1000)]);
      if (child.process.exitCode !== null)
        throw new Error(`The child exited by itself: ${child.lines.join('\n')}`);
      child.process.kill('SIGKILL');
      await child.ended;
    },
  };
}

/** The real of-watchdog, from `binary`. */
export async function startWatchdog(
  binary: string,
  file: string,
  { environment, healthcheckSeconds, writeTimeoutSeconds }: WatchdogOptions,
): Promise<Watched> {
  const [port, childPort] = [await freePort(), await freePort()];
  const settings = {
    mode: 'http',
    fprocess: `${process.execPath} ${file}`,
    port: String(port),
    http_port: String(childPort),
    upstream_url: `http://127.0.0.1:${childPort}`,
    ready_path: '/_/ready',
    prefix_logs: 'false',
    log_buffer_size: '-1',
    exec_timeout: `${writeTimeoutSeconds - 1}s`,
    write_timeout: `${writeTimeoutSeconds}s`,
    healthcheck_interval: `${healthcheckSeconds}s`,
    // Its lock file lies there.
    TMPDIR: dirname(file),
  };
  // In a container the child dies with the watchdog; here its group does.
  const dog = spawn(binary, { env: { ...environment, ...settings }, stdio: 'ignore', detached: true });
  const endGroup = () => {
    try {
      process.kill(-(dog.pid ?? 0), 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  onTestFinished(endGroup);
  const ended = once(dog, 'exit');
  return {
    port,
    childPort,
    async terminate() {
      dog.kill('SIGTERM');
      const [code] = await ended;
      endGroup();
      if (code !== 0) throw new Error(`of-watchdog exited with ${code}.`);
    },
  };
}

/** Status and text of an answer; without a connection, the code of the error. */
export function ask(
  port: number,
  path: string,
  body?: string,
): Promise<{ status: number | string; text: string }> {
  return new Promise((resolve) => {
    const sent = request(
      { port, path, method: body === undefined ? 'GET' : 'POST', agent: false },
      async (answer) => {
        const text = Buffer.concat(await Array.fromAsync(answer)).toString();
        resolve({ status: answer.statusCode ?? 0, text });
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ status: error.code ?? 'error', text: error.message }),
    );
    sent.end(body);
  });
}

/** Waits until `path` answers `status`. */
export async function answers(port: number, path: string, status: number): Promise<void> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; await sleep(20)) {
    if ((await ask(port, path)).status === status) return;
  }
  throw new Error(`${path} on port ${port} did not answer ${status} within 10 s.`);
}

/** Sends a request every 20 ms until `stop` is called; the answer is every status in order. */
export function traffic(port: number, path: string): { stop(): Promise<(number | string)[]> } {
  const statuses: Promise<number | string>[] = [];
  const timer = setInterval(() => statuses.push(ask(port, path).then(({ status }) => status)), 20);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(statuses);
    },
  };
}
