import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './services/child.ts';

const main = join(import.meta.dirname, '../../cli/main.ts');

/** A process of `nightshift serve sattle-check` on a data folder. */
export interface GateReplica extends AsyncDisposable {
  readonly port: number;
  /** Until it is ready; throws with what it wrote when it ends or does not get so far within 60 s. */
  ready(): Promise<void>;
  /** Ends it and starts it anew at the same port; answers when the new process has begun. */
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export function gateReplica(data: string, port: number): GateReplica {
  let wrote = '';
  const begin = (): ChildProcess => {
    const child = spawn(
      process.execPath,
      [main, 'serve', 'sattle-check', '--port', `${port}`, '--data', data],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const keep = (text: Buffer) => (wrote = (wrote + text).slice(-4000));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    return child;
  };
  let child = begin();
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  const isReady = async () => {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/_/ready`);
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      // Nobody listens yet.
      return false;
    }
  };
  return {
    port,
    async ready() {
      for (let tries = 0; tries < 600; tries++) {
        if (await isReady()) return;
        if (child.exitCode !== null) break;
        await sleep(100);
      }
      throw new Error(`The replica on port ${port} did not get ready:\n${wrote}`);
    },
    async restart(signal) {
      await end(signal);
      child = begin();
    },
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  };
}

/** Replicas behind one address that takes them in turn, each restarted every so often while another one is ready. */
export interface GateRotation extends AsyncDisposable {
  readonly url: string;
  /** Restarts one replica after the other, one a second, until the signal aborts; answers how many. */
  restartInTurn(signal: AbortSignal): Promise<number>;
}

export async function gateRotation(data: string, count: number): Promise<GateRotation> {
  const first = await freePorts(count);
  const replicas = Array.from({ length: count }, (_, index) => gateReplica(data, first + index));
  await Promise.all(replicas.map((replica) => replica.ready()));
  /** Those that the balancer knows to be ready, as the endpoints of a service in Kubernetes. */
  const ready = new Set(replicas);
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const open = [...ready];
    turn += 1;
    if (open.length > 0) forward(open[turn % open.length].port, incoming, outgoing);
    else outgoing.writeHead(503).end('no replica is ready');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The balancer has no port.');
  const restart = async (replica: GateReplica, signal: 'SIGTERM' | 'SIGKILL') => {
    ready.delete(replica);
    await replica.restart(signal);
    await replica.ready();
    ready.add(replica);
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    async restartInTurn(signal) {
      const restarts: Promise<void>[] = [];
      for (let next = 0; !signal.aborted; next++) {
        const replica = replicas[next % count];
        if (ready.size > 1 && ready.has(replica))
          restarts.push(restart(replica, restarts.length % 2 === 0 ? 'SIGTERM' : 'SIGKILL'));
        await sleep(1000, undefined, { signal }).catch(() => undefined);
      }
      await Promise.all(restarts);
      return restarts.length;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
    },
  };
}

/** Passes a request on; what the replica does not answer is a 502, as a balancer's. */
function forward(port: number, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url, headers } = incoming;
  const asked = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('error', () => outgoing.destroy()).pipe(outgoing);
  });
  asked.on('error', () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
  incoming.pipe(asked);
}
