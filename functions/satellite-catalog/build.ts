import { startWorker, type WorkerHandle } from 'openfaas-sdk-ts';
import type { BuildWork } from './build-thread.ts';

let worker: WorkerHandle<BuildWork> | undefined;

/** The process's one thread that reads and merges element sets; it is started when it is needed. */
export function build(): BuildWork {
  worker ??= startWorker<BuildWork>('satellite-catalog/build-thread');
  return worker.calls;
}

/** Ends it, and gives its memory (0.4 GB for 30,000 element sets) back; the next call starts another. */
export async function stopBuild(): Promise<void> {
  const stopping = worker;
  worker = undefined;
  await stopping?.stop();
}
