import { isFault } from 'openfaas-sdk-ts';
import type { DeclaredSource, Fetched } from '#shared/ports/element-source.ts';
import type { BuildWork } from './build-work.ts';
import { failed, reserved, type SourceRecord } from './core.ts';
import type { KeptSources } from './kept-sources.ts';

/** How one fetch ended; `nothing`: the folder or prefix holds no file yet. */
export type FetchOutcome =
  | { readonly outcome: 'new'; readonly count: number; readonly refused: number; readonly first?: string }
  | { readonly outcome: 'unchanged' | 'nothing' }
  | { readonly outcome: 'failed'; readonly why: string };

export interface Fetching {
  readonly kept: KeptSources;
  readonly build: BuildWork;
  /** Unix ms of the process's clock. */
  readonly nowMs: number;
  /** Between 0 and 1, for the jitter. */
  readonly chance: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks a source and keeps what it gave. A source that fails, or gives what is no catalogue, leaves its last text in
 * place; a failure of the bucket is thrown.
 * @param before the source's record, in whose time the fetch is due
 */
export async function fetchSource(
  declared: DeclaredSource,
  before: SourceRecord,
  fetching: Fetching,
): Promise<{ readonly outcome: FetchOutcome; readonly record: SourceRecord }> {
  const { kept, nowMs, chance, signal } = fetching;
  const record = reserved(before, declared, nowMs, chance);
  if (declared.remote) await kept.keepRecord(declared, record);
  const fetched = await ask(declared, { validator: record.text?.validator, signal });
  const outcome = 'why' in fetched ? fetched : await judge(declared, record, fetched, fetching);
  // A command may have sent requests meanwhile.
  const current = declared.remote ? await kept.record(declared) : record;
  const after =
    outcome.outcome === 'failed' ? failed(current, declared, nowMs, chance) : { ...current, failures: 0 };
  if (outcome.outcome === 'new' && 'bytes' in fetched) {
    const { bytes, validator } = fetched;
    await kept.keepText(declared, after, bytes, { fetchedMs: nowMs, validator });
  } else if (declared.remote && after.failures !== current.failures) await kept.keepRecord(declared, after);
  return { outcome, record: after };
}

type Failed = Extract<FetchOutcome, { outcome: 'failed' }>;

async function ask(
  { source }: DeclaredSource,
  options: Parameters<DeclaredSource['source']['fetch']>[0],
): Promise<Fetched | Failed> {
  try {
    return await source.fetch(options);
  } catch (error) {
    if (!isFault(error) || error.blame !== 'dependency') throw error;
    return { outcome: 'failed', why: error.message };
  }
}

async function judge(
  declared: DeclaredSource,
  record: SourceRecord,
  fetched: Fetched,
  { kept, build }: Fetching,
): Promise<FetchOutcome> {
  if (fetched.kind !== 'new') return { outcome: fetched.kind };
  const { name } = declared;
  const { flaw, ...found } = await build.inspect({ name, bytes: fetched.bytes });
  if (flaw) return { outcome: 'failed', why: `What the source ${name} gave is no catalogue. ${flaw}` };
  const before = await kept.text(declared, record);
  if (before && Buffer.compare(before, fetched.bytes) === 0) return { outcome: 'unchanged' };
  return { outcome: 'new', ...found };
}
