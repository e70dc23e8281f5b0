import { randomUUID } from 'node:crypto';
import type { Leases } from '../../ports/leases.ts';
import { effect } from '../effects.ts';
import { connectRedis, type RedisAddress, script } from './connection.ts';

const extendHeld = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`);

const releaseHeld = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`);

const leaseKey = (name: string) => `LEASE:${name}`;
const milliseconds = (seconds: number) => Math.ceil(seconds * 1000);

/** Leases as string keys `LEASE:{name}` that hold the token and expire by Redis's own clock. */
export function redisLeases(address: RedisAddress): Leases {
  const redis = connectRedis(address);
  return {
    async take(name, seconds) {
      const token = randomUUID();
      const taken = await redis.run((client) =>
        client.set(leaseKey(name), token, 'PX', milliseconds(seconds), 'NX'),
      );
      if (taken !== 'OK') return undefined;
      effect('leases.take');
      return { name, token };
    },
    async extend({ name, token }, seconds) {
      const held = await redis.run((client) =>
        extendHeld(client, [leaseKey(name)], [token, milliseconds(seconds)]),
      );
      if (held === 1) effect('leases.extend');
      return held === 1;
    },
    async release({ name, token }) {
      const held = await redis.run((client) => releaseHeld(client, [leaseKey(name)], [token]));
      if (held === 1) effect('leases.release');
    },
    close: () => redis.close(),
  };
}
