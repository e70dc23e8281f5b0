import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { giveBackAll } from '#shared/wiring/give-back.ts';
import { type Children, superviseChildren } from './children.ts';
import { childEnvironment, type NightOptions, prepareFolder } from './environment.ts';
import { registerInstrument } from './register-instrument.ts';
import type { TelescopeOrder } from './telescope.ts';

export interface Supervision {
  readonly children: Children;
  readonly environment: NodeJS.ProcessEnv;
  /** Starts the telescope; resolves with its exit code when its plan is done. */
  observe(order: TelescopeOrder): Promise<number>;
}

/** One worker a core less one, which the services and the telescope share; at least one. */
const workerCount = (): number => Math.max(1, availableParallelism() - 1);

/** Prepares a data folder and starts the services and the workers on it. */
export async function supervise(options: NightOptions, onLine: (line: string) => void): Promise<Supervision> {
  prepareFolder(options);
  await registerInstrument(options);
  await giveBackAll({ data: options.data });
  const children = superviseChildren(onLine);
  const environment = childEnvironment(options);
  children.keep('services', environment);
  for (let index = 0; index < workerCount(); index++) children.keep('process-detector', environment);
  return {
    children,
    environment,
    observe: (order) =>
      children.run('telescope', { ...environment, NIGHTSHIFT_TELESCOPE: JSON.stringify(order) }),
  };
}

/** A port that is free now, for a night that nobody looks at. */
export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port is free')),
      );
    });
  });
}

/** Resolves when the gateway answers. */
export async function gatewayAnswers(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal }).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
