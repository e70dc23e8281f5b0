import { Fault, startWorker, type WorkerHandle } from 'openfaas-sdk-ts';
import type { Snapshot } from '#shared/domain/satellites/snapshot.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { GeometryWork } from './geometry-thread.ts';

let worker: WorkerHandle<GeometryWork> | undefined;

/** The process's one worker thread for satellites: a visit takes 0.1 s, a catalogue 1 s, a large request 0.1 s. */
export function geometry(): GeometryWork {
  worker ??= startWorker<GeometryWork>('sattle-check/geometry-thread');
  return worker.calls;
}

export async function stopGeometry(): Promise<void> {
  await worker?.stop();
  worker = undefined;
}

/** Snapshots on their way to the thread: of 189 detectors that ask at once, one loads. */
const loading = new Map<string, Promise<void>>();

/** Asks what needs a snapshot, which is loaded when the thread does not hold it (any more). */
export async function withSnapshot<T>(
  snapshot: Snapshot,
  products: ObjectStore,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const atOnce = await ask();
  if (atOnce !== undefined) return atOnce;
  const load = loading.get(snapshot.id) ?? loadSnapshot(snapshot, products);
  loading.set(snapshot.id, load);
  await load.finally(() => loading.delete(snapshot.id));
  const answer = await ask();
  if (answer !== undefined) return answer;
  throw unusable(`The snapshot ${snapshot.id} was dropped while it was asked for; ask again.`);
}

/** Gives a snapshot to the thread. Throws a Fault where it is not whole. */
export async function loadSnapshot(snapshot: Snapshot, products: ObjectStore): Promise<void> {
  const bytes = await products.get(snapshot.key);
  if (!bytes) throw unusable(`The snapshot ${snapshot.id} is in the index, but its object is missing.`);
  try {
    await geometry().load({ snapshot, bytes });
  } catch (error) {
    throw unusable(error instanceof Error ? error.message : String(error), error);
  }
}

/** There is no catalogue to judge by, which holds the askers' work. */
export const unusable = (why: string, cause?: unknown): Fault =>
  new Fault('NS_DEPENDENCY_UNAVAILABLE', why, { cause, dependency: 'satellite snapshot' });
