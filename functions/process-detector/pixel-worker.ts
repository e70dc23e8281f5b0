import { startWorker, type WorkerHandle } from 'openfaas-sdk-ts';
import type { PixelWork } from './pixel-thread.ts';

let worker: WorkerHandle<PixelWork> | undefined;

/** The process's one worker thread for pixels, since the main thread never computes longer than 50 ms. */
export function pixelWorker(): PixelWork {
  worker ??= startWorker<PixelWork>('process-detector/pixel-thread');
  return worker.calls;
}

export async function stopPixelWorker(): Promise<void> {
  await worker?.stop();
  worker = undefined;
}
