import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePorts, type ServiceProcess, serviceFolder, serviceProcess } from './child.ts';
import { debianProgram } from './packages.ts';

export interface RedisService {
  /** `host:port`. */
  readonly address: string;
  readonly password: string | undefined;
  /** Absent where the address came from outside: that one is not ours to stop. */
  readonly process?: ServiceProcess;
  close(): Promise<void>;
}

/** The Redis at TEST_REDIS_HOST (`host:port`, with TEST_REDIS_PASSWORD), or one of our own with a password. */
export async function startRedis(): Promise<RedisService> {
  const outside = process.env.TEST_REDIS_HOST;
  if (outside) return { address: outside, password: process.env.TEST_REDIS_PASSWORD, async close() {} };
  const command = await debianProgram('redis-server', ['redis-server']);
  const folder = serviceFolder('redis');
  const port = await freePorts(1);
  const password = randomUUID();
  const service = serviceProcess({
    command,
    // Append-only as in the original's deployment, so that a restart keeps what it acknowledged.
    args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder.path].concat([
      '--appendonly',
      'yes',
      '--save',
      '',
      '--requirepass',
      password,
    ]),
    logFile: join(folder.path, 'redis.log'),
    ready: () => answersPing(port, password),
    readyWithinSeconds: 20,
  });
  await service.start();
  return {
    address: `127.0.0.1:${port}`,
    password,
    process: service,
    async close() {
      await service.stop();
      folder.remove();
    },
  };
}

async function answersPing(port: number, password: string): Promise<boolean> {
  const client = new Redis({
    port,
    host: '127.0.0.1',
    password,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
