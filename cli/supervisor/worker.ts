import { startFunction } from 'openfaas-sdk-ts';
import { type FunctionName, functions } from '../functions.ts';
import { timeOf } from './night-file.ts';

/** One function in this process, without a port of its own, until `stop`; then it drains. */
export async function runWorker(name: FunctionName, data: string, stop: AbortSignal): Promise<void> {
  const { default: spec } = await functions[name]();
  const fn = startFunction(spec, { environment: { ...process.env, LAUNCH: 'bare' }, time: timeOf(data) });
  const stopped = new Promise<void>((resolve) =>
    stop.addEventListener('abort', () => resolve(), { once: true }),
  );
  await Promise.race([stopped, fn.finished]);
  await fn.drain();
  await fn.stop();
}
