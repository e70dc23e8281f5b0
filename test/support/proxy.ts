import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a local port that can be cut: what its caller sees is a service that is gone. */
export interface Proxy extends AsyncDisposable {
  /** `host:port` of this end. */
  readonly address: string;
  /** Connections that were asked for so far, cut ones included. */
  readonly asked: number;
  /** Lets connections through to a port of this machine. */
  open(port: number): void;
  /** Breaks all connections, and every new one at once. */
  cut(): void;
}

/** Opened as cut. */
export async function openProxy(): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let target: number | undefined;
  let asked = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    // A connection that breaks is what this is for; both ends end with it.
    socket.on('error', () => socket.destroy());
    return socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((caller) => {
    asked += 1;
    keep(caller);
    if (target === undefined) return void caller.destroy();
    const service = keep(connect(target, '127.0.0.1'));
    caller.pipe(service).pipe(caller);
    caller.once('close', () => service.destroy());
    service.once('close', () => caller.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const proxy: Proxy = {
    address: `127.0.0.1:${address.port}`,
    get asked() {
      return asked;
    },
    open(port) {
      target = port;
    },
    cut() {
      target = undefined;
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      proxy.cut();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
