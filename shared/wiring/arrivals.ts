import { ingestRedis, redisAddress } from './redis-address.ts';
import { wire } from './wire.ts';

export const arrivals = wire({
  port: 'arrivals',
  role: 'ingest',
  variables: ingestRedis,
  real: {
    driver: 'redis',
    async open({ environment }) {
      const { redisArrivals } = await import('../drivers/redis/arrivals.ts');
      return redisArrivals(redisAddress(environment, 'REDIS_HOST'));
    },
  },
  embedded: {
    driver: 'sqlite',
    async open(options) {
      const { sqliteArrivals } = await import('../drivers/sqlite/arrivals.ts');
      return sqliteArrivals(options);
    },
  },
});
