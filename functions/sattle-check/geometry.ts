import { handOver, isFault, startWorker, type WorkerHandle } from 'openfaas-sdk-ts';
import type { Snapshot } from '#shared/domain/satellites/snapshot.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Seal } from '#shared/ports/seal.ts';
import type { GeometryWork } from './geometry-thread.ts';
import { brokenCatalogue, Refusal, type Refused } from './refusal.ts';
import { turnstile } from './turnstile.ts';

/** Where the parts of a snapshot lie, and what opens the private one. */
export interface CataloguePorts {
  readonly products: ObjectStore;
  readonly seal: Seal;
}

let worker: WorkerHandle<GeometryWork> | undefined;

/** The process's one worker thread for satellites: a visit takes 0.1 s, a catalogue 1 s, a large request 0.3 s. */
function geometry(): GeometryWork {
  worker ??= startWorker<GeometryWork>('sattle-check/geometry-thread');
  return worker.calls;
}

export async function stopGeometry(): Promise<void> {
  await worker?.stop();
  worker = undefined;
}

/** One at work and one at hand; the others wait here, where those whose askers went away can be dropped. */
const turns = turnstile(2);

/** Asks the thread. Throws the Refusal that it answers, and one of 503 where the thread broke: the next call has another. */
export async function askGeometry<T extends object | true | undefined>(
  ask: (calls: GeometryWork) => Promise<T | Refused>,
  signal: AbortSignal,
): Promise<T> {
  const answer = await turns.pass(signal, () => unbroken(ask(geometry())));
  if (isRefused(answer)) throw new Refusal(answer.status, answer.reason, answer.text);
  return answer;
}

async function unbroken<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw isFault(cause, 'NS_UNEXPECTED') ? broken(cause) : cause;
  }
}

const broken = (cause?: unknown): Refusal =>
  new Refusal(503, 'failed', 'The geometry broke and is started anew; ask again.', cause);

const isRefused = (answer: unknown): answer is Refused =>
  typeof answer === 'object' && answer !== null && 'status' in answer;

/** Snapshots on their way to the thread: of 189 detectors that ask at once, one loads. */
const loading = new Map<string, Promise<void>>();

/** Asks what needs a snapshot, which is loaded when the thread does not hold it (any more). */
export async function withSnapshot<T extends object | true>(
  snapshot: Snapshot,
  ports: CataloguePorts,
  ask: (calls: GeometryWork) => Promise<T | Refused | undefined>,
  signal: AbortSignal,
): Promise<T> {
  const atOnce = await askGeometry(ask, signal);
  if (atOnce !== undefined) return atOnce;
  const load =
    loading.get(snapshot.id) ?? loadSnapshot(snapshot, ports).finally(() => loading.delete(snapshot.id));
  loading.set(snapshot.id, load);
  await load;
  const answer = await askGeometry(ask, signal);
  if (answer !== undefined) return answer;
  throw brokenCatalogue(`The snapshot ${snapshot.id} was dropped while it was asked for; ask again.`);
}

/** Gives a snapshot to the thread, which goes on answering meanwhile. Throws a Refusal where it is not whole. */
async function loadSnapshot(snapshot: Snapshot, ports: CataloguePorts): Promise<void> {
  const { id, key, sealed } = snapshot;
  const open = await partAt(key, snapshot, ports);
  const secret = sealed && openPart(await partAt(sealed.key, snapshot, ports), snapshot, ports.seal);
  const input = { snapshot, open, ...(secret && { sealed: secret }) };
  const calls = geometry();
  try {
    const taken = calls.take(handOver(input, [open, secret]));
    // What was too small to be moved was copied; what was moved has no bytes here any more.
    if (secret && secret.byteLength > 0) secret.fill(0);
    await taken;
    for (let more: boolean | undefined = true; more; ) {
      more = await calls.loadSome(id);
      if (more === undefined) throw broken();
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (isFault(error, 'NS_UNEXPECTED')) throw broken(error);
    const why = error instanceof RangeError ? error.message : `The snapshot ${id} cannot be loaded.`;
    throw brokenCatalogue(why, error);
  }
}

async function partAt(key: string, { id }: Snapshot, { products }: CataloguePorts): Promise<Uint8Array> {
  const bytes = await products.get(key);
  if (bytes) return bytes;
  throw brokenCatalogue(`The snapshot ${id} is in the index, but its object ${key} is missing.`);
}

function openPart(bytes: Uint8Array, { id }: Snapshot, seal: Seal): Uint8Array {
  try {
    return seal.open(bytes);
  } catch (error) {
    throw brokenCatalogue(
      `The private part of the snapshot ${id} does not open: it was changed, or sealed under another CATALOG_SEAL_KEY than this one's.`,
      error,
    );
  }
}
