import { arrivalKeyText } from '../../domain/ids/arrival-key.ts';
import type { Arrivals } from '../../ports/arrivals.ts';
import { effect } from '../effects.ts';
import { type Connection, connectRedis, type RedisAddress, script } from './connection.ts';

/** Channel on which an announced key is published, so that who waits for it wakes at once. */
const CHANNEL = 'ARRIVALS';

/**
 * How often the keys that somebody waits for are looked up all the same, in one MGET: the original's ingest sets
 * keys without publishing them, and a message published while a connection is being renewed is lost.
 */
const LOOK_MS = 1000;

const announceAll = script(`
for n = 1, #KEYS do
  redis.call('SET', KEYS[n], ARGV[n + 2], 'EX', ARGV[1])
  redis.call('PUBLISH', ARGV[2], KEYS[n])
end`);

/** Arrivals as the original keeps them: strings `GROUP:{instrument}:{group}:{snap}:{raft_ccd}` with a time to live. */
export function redisArrivals(address: RedisAddress): Arrivals {
  const redis = connectRedis(address);
  const waiters = waitingKeys(redis);
  return {
    async announce(arrivals, ttlSeconds) {
      if (arrivals.length === 0) return;
      const keys = arrivals.map(arrivalKeyText);
      const uris = arrivals.map(({ uri }) => uri);
      await redis.run((client) => announceAll(client, keys, [Math.ceil(ttlSeconds), CHANNEL, ...uris]));
      effect('arrivals.announce');
    },
    async find(key) {
      return (await redis.run((client) => client.get(arrivalKeyText(key)))) ?? undefined;
    },
    async wait(key, { waitSeconds, signal }) {
      const until = [AbortSignal.timeout(waitSeconds * 1000), ...(signal ? [signal] : [])];
      return waiters.wait(arrivalKeyText(key), AbortSignal.any(until));
    },
    async close() {
      waiters.close();
      await redis.close();
    },
  };
}

interface Waiter {
  readonly key: string;
  found(uri: string): void;
  failed(error: unknown): void;
}

/** Everybody of this process who waits for a key: one subscription and one look a second serve them all. */
function waitingKeys(redis: Connection) {
  const waiters = new Set<Waiter>();
  let subscribed = false;
  let looking: NodeJS.Timeout | undefined;

  const look = async (wanted: readonly Waiter[]): Promise<void> => {
    if (wanted.length === 0) return;
    const keys = [...new Set(wanted.map(({ key }) => key))];
    try {
      const uris = await redis.run((client) => client.mget(keys));
      const byKey = new Map(keys.map((key, n) => [key, uris[n]]));
      for (const waiter of wanted) {
        const uri = byKey.get(waiter.key);
        if (uri) waiter.found(uri);
      }
    } catch (error) {
      for (const waiter of wanted) waiter.failed(error);
    }
  };

  return {
    async wait(key: string, until: AbortSignal): Promise<string | undefined> {
      if (!subscribed) {
        subscribed = true;
        redis.subscribe(
          CHANNEL,
          (arrived) => void look([...waiters].filter((waiter) => waiter.key === arrived)),
        );
      }
      looking ??= setInterval(() => void look([...waiters]), LOOK_MS);
      const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
      const waiter: Waiter = { key, found: resolve, failed: reject };
      waiters.add(waiter);
      const looked = look([waiter]);
      // However short the wait, it has looked once.
      const end = () => void looked.then(() => resolve(undefined));
      until.addEventListener('abort', end, { once: true });
      if (until.aborted) end();
      try {
        return await promise;
      } finally {
        until.removeEventListener('abort', end);
        waiters.delete(waiter);
        if (waiters.size === 0) {
          clearInterval(looking);
          looking = undefined;
        }
      }
    },
    close() {
      clearInterval(looking);
    },
  };
}
