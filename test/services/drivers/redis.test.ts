import { afterAll, describe } from 'vitest';
import { redisArrivals } from '#shared/drivers/redis/arrivals.ts';
import { redisLeases } from '#shared/drivers/redis/leases.ts';
import { redisWorkQueue } from '#shared/drivers/redis/work-queue.ts';
import { redisWorkStream } from '#shared/drivers/redis/work-stream.ts';
import { arrivalsContract } from '../../contracts/arrivals.ts';
import { leasesContract } from '../../contracts/leases.ts';
import { workQueueContract } from '../../contracts/work-queue.ts';
import { workStreamContract } from '../../contracts/work-stream.ts';
import { obtain } from '../../support/services/availability.ts';
import { startRedis } from '../../support/services/redis.ts';

const service = await obtain(startRedis);
afterAll(() => service?.close());

describe.skipIf(!service)('Redis', () => {
  const address = { address: service?.address ?? '', password: service?.password };
  workQueueContract('Redis', async () => redisWorkQueue(address));
  workStreamContract('Redis', async () => redisWorkStream(address));
  arrivalsContract('Redis', async () => redisArrivals(address));
  leasesContract('Redis', async () => redisLeases(address));
});
