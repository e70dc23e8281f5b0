import type { Variable, Wiring } from 'openfaas-sdk-ts';
import type { Leases } from '../ports/leases.ts';
import { ingestRedis, redisAddress, streamRedis } from './redis-address.ts';
import { wire } from './wire.ts';

/** `ingest`: beside the lists. `process`: beside the streams. */
export const leases = (role: 'ingest' | 'process'): Wiring<Leases> => roles[role];

const leasesOn = (role: string, variables: Readonly<Record<string, Variable>>, host: string) =>
  wire({
    port: 'leases',
    role,
    variables,
    real: {
      driver: 'redis',
      async open({ environment }) {
        const { redisLeases } = await import('../drivers/redis/leases.ts');
        return redisLeases(redisAddress(environment, host));
      },
    },
    embedded: {
      driver: 'sqlite',
      async open(options) {
        const { sqliteLeases } = await import('../drivers/sqlite/leases.ts');
        return sqliteLeases(options);
      },
    },
  });

const roles = {
  ingest: leasesOn('ingest', ingestRedis, 'REDIS_HOST'),
  process: leasesOn('process', streamRedis.process, 'REDIS_STREAM_HOST'),
};
