import { setTimeout as sleep } from 'node:timers/promises';
import { startFunction } from 'openfaas-sdk-ts';
import { type FunctionName, functions } from '../functions.ts';
import { timeOf } from './night-file.ts';

/** So long a unit in hand may take to its end; one that waits longer, as for a raw, is given back unspent. */
const graceMs = 10_000;

/** One function in this process, without a port of its own, until `stop`; then it drains. */
export async function runWorker(name: FunctionName, data: string, stop: AbortSignal): Promise<void> {
  const { default: spec } = await functions[name]();
  const fn = startFunction(spec, { environment: { ...process.env, LAUNCH: 'bare' }, time: timeOf(data) });
  const stopped = new Promise<void>((resolve) =>
    stop.addEventListener('abort', () => resolve(), { once: true }),
  );
  await Promise.race([stopped, fn.finished]);
  await Promise.race([fn.drain(), sleep(graceMs, undefined, { ref: false })]);
  await fn.stop();
}
