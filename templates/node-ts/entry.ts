import { isMainThread } from 'node:worker_threads';
import { type AnyFunction, runProcess } from 'openfaas-sdk-ts';
import { workerFlag } from 'openfaas-sdk-ts/start-worker.ts';

/**
 * What a bundle does when it is run: the function, or, in a thread that `startWorker` began, the worker of that name.
 * Only the one that is asked for is loaded.
 */
export async function enter(
  loadFunction: () => Promise<{ default: AnyFunction }>,
  workers: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<void> {
  if (isMainThread) {
    const { default: declared } = await loadFunction();
    return runProcess(declared);
  }
  const name =
    process.argv.find((argument) => argument.startsWith(workerFlag))?.slice(workerFlag.length) ?? '';
  if (!(name in workers))
    throw new Error(`This bundle has no worker '${name}': it has ${Object.keys(workers).join(', ')}.`);
  await workers[name]();
}
