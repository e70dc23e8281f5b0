import type { Environment, Variable } from 'openfaas-sdk-ts';
import type { RedisAddress } from '../drivers/redis/connection.ts';
import { requireVariable } from './wire.ts';

const password = { REDIS_PASSWORD: { meaning: 'Password of that Redis.', secret: true } } as const;

/** Redis of ingest: lists, receipts, arrivals. */
export const ingestRedis = {
  REDIS_HOST: { meaning: 'Redis of the ingest side, host or host:port.' },
  ...password,
} as const satisfies Record<string, Variable>;

/** Redis of the fan-out's streams, as next-visit-fanout and as process-detector know it. */
export const streamRedis = {
  'fan-out': { REDIS_HOST: { meaning: 'Redis of the streams, host or host:port.' }, ...password },
  process: { REDIS_STREAM_HOST: { meaning: 'Redis of the streams, host or host:port.' }, ...password },
} as const satisfies Record<string, Record<string, Variable>>;

export const redisAddress = (environment: Environment, host: string): RedisAddress => ({
  address: requireVariable(environment, host),
  password: environment('REDIS_PASSWORD'),
});
