import { createHash } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { Fault } from 'openfaas-sdk-ts';

export interface RedisAddress {
  /** `host` or `host:port` (REDIS_HOST). */
  readonly address: string;
  readonly password?: string;
}

/** What Redis has not answered by then has failed: a command, or a connection. */
const ANSWER_MS = 2000;

/** One connection to Redis that a driver's commands share, and those that wait in blocking commands. */
export interface Connection {
  /** Runs commands. @throws Fault of the dependency `redis`; whether a write took effect is then unknown. */
  run<T>(commands: (client: Redis) => Promise<T>): Promise<T>;
  /**
   * Waits in one blocking command, on a connection of its own so that it delays no other, until the command ends,
   * `milliseconds` (whole ones) are well over, or the signal aborts. What it answers is lost.
   */
  block(
    command: (client: Redis) => Promise<unknown>,
    options: { milliseconds: number; signal?: AbortSignal },
  ): Promise<void>;
  /** Hears a channel on a connection of its own, renewed after an outage; what is said meanwhile is not heard. */
  subscribe(channel: string, heard: (message: string) => void): void;
  close(): Promise<void>;
}

export function connectRedis(address: RedisAddress): Connection {
  // A connection that has brought nothing for so long is dead, whatever the socket believes: it is replaced.
  const main = open(address, { socketTimeout: ANSWER_MS });
  const opened = new Set<Redis>([main.client]);
  const idle: Client[] = [];
  const keep = (client: Client): Client => {
    opened.add(client.client);
    return client;
  };
  return {
    async run(commands) {
      await ready(main);
      return commands(main.client).catch((error: unknown) => {
        throw faultOf(error);
      });
    },
    async block(command, { milliseconds, signal }) {
      const waiting = idle.pop() ?? keep(open(address, {}));
      const ends = [AbortSignal.timeout(milliseconds + ANSWER_MS), ...(signal ? [signal] : [])];
      const end = AbortSignal.any(ends);
      const abandon = () => waiting.client.disconnect();
      end.addEventListener('abort', abandon, { once: true });
      try {
        await ready(waiting);
        if (!end.aborted) await command(waiting.client);
      } catch (error) {
        if (!end.aborted) throw faultOf(error);
      } finally {
        end.removeEventListener('abort', abandon);
        if (end.aborted) {
          abandon();
          opened.delete(waiting.client);
        } else idle.push(waiting);
      }
    },
    subscribe(channel, heard) {
      const { client } = keep(open(address, {}));
      client.on('message', (_channel, message: string) => heard(message));
      // A subscription that fails leaves its reason in lastError, and ioredis repeats it when it connects again.
      client.on('ready', () => client.subscribe(channel).catch((error) => client.emit('error', error)));
    },
    async close() {
      for (const client of opened) client.disconnect();
    },
  };
}

interface Client {
  readonly client: Redis;
  /** The last error of connecting: why there is no connection, where there is none. */
  lastError: Error | undefined;
  /** The connection in the making, that everybody waits for together. */
  connecting: Promise<void> | undefined;
}

function open({ address, password }: RedisAddress, options: RedisOptions): Client {
  const { host, port } = parseAddress(address);
  const client = new Redis({
    host,
    port,
    password,
    connectTimeout: ANSWER_MS,
    // A command in flight when the connection breaks fails at once and is never sent a second time behind the
    // caller's back: what it did is unknown, and the caller knows how to repeat itself.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), 1000),
    ...options,
  });
  const opened: Client = { client, lastError: undefined, connecting: undefined };
  client.on('error', (error: Error) => {
    opened.lastError = error;
  });
  return opened;
}

/** `host`, `host:port` or `[IPv6]:port`; 6379 where no port is given. */
function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(address);
  if (!match) {
    throw new Fault(
      'NS_CONFIGURATION',
      `The Redis address "${address}" is not of the form host or host:port.`,
    );
  }
  return { host: match[1] ?? match[2], port: Number(match[3] ?? 6379) };
}

/** Rides out a reconnection, but not an outage, and does not wait where the password is wrong. */
async function ready(opened: Client): Promise<void> {
  if (opened.client.status === 'ready') return;
  opened.connecting ??= connected(opened).finally(() => {
    opened.connecting = undefined;
  });
  await opened.connecting;
}

function connected(opened: Client): Promise<void> {
  const { client } = opened;
  return new Promise((succeeded, failed) => {
    const settle = (error?: unknown) => {
      clearTimeout(timer);
      client.off('ready', settle).off('error', refused).off('end', ended);
      if (error) failed(faultOf(error));
      else succeeded();
    };
    const refused = (error: Error) => {
      if (isRefusal(error.message)) settle(error);
    };
    const ended = () => settle(new Error('its connection was closed'));
    const timer = setTimeout(() => {
      settle(opened.lastError ?? new Error(`no connection within ${ANSWER_MS} ms`));
    }, ANSWER_MS);
    client.on('ready', settle).on('error', refused).on('end', ended);
    if (client.status === 'end') ended();
  });
}

/** A Lua script as a function: EVALSHA, and EVAL where Redis does not know it (yet, or after its restart). */
export function script(lua: string) {
  const digest = createHash('sha1').update(lua).digest('hex');
  return async (
    client: Redis,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<unknown> => {
    try {
      return await client.evalsha(digest, keys.length, ...keys, ...values);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(lua, keys.length, ...keys, ...values);
    }
  };
}

const isRefusal = (message: string) => /^(NOAUTH|WRONGPASS|NOPERM)\b/.test(message);

/** What Redis or the way to it answered, as a fault (error prefixes: redis.io, "Error handling in RESP"). */
function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : String(error);
  const options = { cause: error, dependency: 'redis' };
  if (isRefusal(message)) {
    return new Fault('NS_DEPENDENCY_REFUSED', `Redis refuses these credentials: ${message}`, options);
  }
  // MISCONF: it cannot write its snapshot or append-only file, mostly since its disk is full.
  if (/^(OOM|MISCONF)\b/.test(message)) {
    return new Fault('NS_STORAGE_FULL', `Redis has no room to write: ${message}`, options);
  }
  const isReply = error instanceof Error && error.name === 'ReplyError';
  if (
    isReply &&
    !/^(LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|EXECABORT)\b/.test(message)
  ) {
    return new Fault('NS_UNEXPECTED', `Redis refused a command: ${message}`, { cause: error });
  }
  // What ioredis says to the commands in flight when their connection breaks.
  const why =
    error instanceof Error && error.name === 'MaxRetriesPerRequestError' ? 'the connection broke' : message;
  return new Fault('NS_DEPENDENCY_UNAVAILABLE', `Redis does not answer: ${why}`, options);
}
