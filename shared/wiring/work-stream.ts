import type { Wiring } from 'openfaas-sdk-ts';
import type { WorkStream } from '../ports/work-stream.ts';
import { redisAddress, streamRedis } from './redis-address.ts';
import { wire } from './wire.ts';

/** `fan-out`: who appends. `process`: who takes, and who gives abandoned entries back. */
export const workStream = (role: 'fan-out' | 'process'): Wiring<WorkStream> => workStreams[role];

const open = (role: 'fan-out' | 'process', host: string) =>
  wire({
    port: 'work-stream',
    role,
    variables: streamRedis[role],
    real: {
      driver: 'redis',
      async open({ environment }) {
        const { redisWorkStream } = await import('../drivers/redis/work-stream.ts');
        return redisWorkStream(redisAddress(environment, host));
      },
    },
    embedded: {
      driver: 'sqlite',
      async open(options) {
        const { sqliteWorkStream } = await import('../drivers/sqlite/work-stream.ts');
        return sqliteWorkStream(options);
      },
    },
  });

const workStreams = {
  'fan-out': open('fan-out', 'REDIS_HOST'),
  process: open('process', 'REDIS_STREAM_HOST'),
};
