import { startWorker, type WorkerHandle } from 'openfaas-sdk-ts';
import type { BuildWork } from './build-work.ts';

let worker: WorkerHandle<BuildWork> | undefined;

function thread(): BuildWork {
  worker ??= startWorker<BuildWork>('satellite-catalog/build-thread');
  return worker.calls;
}

/** The work in the process's one thread for it, which starts when it is called. */
export const build: BuildWork = {
  inspect: (input) => thread().inspect(input),
  build: (input) => thread().build(input),
};

/** Ends the thread, and gives its memory (0.4 GB for 30,000 element sets) back; the next call starts another. */
export async function stopBuild(): Promise<void> {
  const stopping = worker;
  worker = undefined;
  await stopping?.stop();
}
