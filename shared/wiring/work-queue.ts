import { ingestRedis, redisAddress } from './redis-address.ts';
import { wire } from './wire.ts';

export const workQueue = wire({
  port: 'work-queue',
  role: 'ingest',
  variables: ingestRedis,
  real: {
    driver: 'redis',
    async open({ environment }) {
      const { redisWorkQueue } = await import('../drivers/redis/work-queue.ts');
      return redisWorkQueue(redisAddress(environment, 'REDIS_HOST'));
    },
  },
  embedded: {
    driver: 'sqlite',
    async open(options) {
      const { sqliteWorkQueue } = await import('../drivers/sqlite/work-queue.ts');
      return sqliteWorkQueue(options);
    },
  },
});
