import type { MjdUtc } from '#shared/domain/time/scales.ts';
import type { DeclaredSource } from '#shared/ports/element-source.ts';
import { build } from '../../functions/satellite-catalog/build.ts';
import { isDue, type KeptText, limitBrokenBy, reserved } from '../../functions/satellite-catalog/core.ts';
import { type FetchOutcome, fetchSource } from '../../functions/satellite-catalog/fetch-source.ts';
import type { KeptSources } from '../../functions/satellite-catalog/kept-sources.ts';
import type { SourceText } from '../../functions/satellite-catalog/refresh.ts';

export interface Gathering {
  readonly kept: KeptSources;
  readonly onBytes: (name: string, count: number) => void;
  readonly say: (sentence: string) => void;
}

/** Fetches a source for one snapshot and keeps nothing of it. @throws Error where it gives no catalogue. */
export async function fetchForOnce(
  declared: DeclaredSource,
  near: MjdUtc | undefined,
  gathering: Gathering,
): Promise<SourceText> {
  const { name } = declared;
  const { kept, onBytes, say } = gathering;
  if (declared.limits.length > 0) await countRequests(declared, kept);
  const fetched = await declared.source.fetch({ near, onBytes: (count) => onBytes(name, count) });
  if (fetched.kind !== 'new') throw new Error(`The source ${name} has no file with element sets.`);
  const { count, refused, flaw, first } = await build.inspect({ name, bytes: fetched.bytes });
  if (flaw) throw new Error(`What the source ${name} gave is no catalogue. ${flaw}`);
  say(`${name}: ${count} element sets${refused > 0 ? `, ${refused} refused. ${first}` : ''}`);
  return { declared, bytes: fetched.bytes };
}

/** The function's own requests and these share one budget. */
async function countRequests(declared: DeclaredSource, kept: KeptSources): Promise<void> {
  const record = await kept.record(declared);
  const broken = limitBrokenBy(declared, record.requestsMs, Date.now());
  if (broken)
    throw new Error(
      `The source ${declared.name} allows ${broken.requests} requests in ${broken.seconds} s, and these were made: try again later.`,
    );
  const { requestsMs } = reserved(record, declared, Date.now(), 0);
  await kept.keepRecord(declared, { ...record, requestsMs });
}

/** What satellite-catalog's tick would take of a declared source: fetched anew where that is due, else as it was kept. */
export async function fetchIfDue(
  declared: DeclaredSource,
  { kept, say }: Gathering,
): Promise<SourceText & { readonly text?: KeptText }> {
  const { name } = declared;
  const record = await kept.record(declared);
  const nowMs = Date.now();
  if (isDue(record, declared, nowMs)) {
    const fetching = { kept, build, nowMs, chance: 0 };
    say(`${name}: ${inWords((await fetchSource(declared, record, fetching)).outcome)}`);
  } else
    say(`${name}: asked not before ${new Date(record.nextMs).toISOString()} again, taken as it was kept`);
  const after = await kept.record(declared);
  return { declared, bytes: await kept.text(declared, after), text: after.text };
}

function inWords(fetched: FetchOutcome): string {
  if (fetched.outcome === 'failed') return `${fetched.why} What was kept of it before is taken.`;
  if (fetched.outcome === 'new') return `${fetched.count} element sets, ${fetched.refused} refused`;
  return fetched.outcome === 'nothing' ? 'no file yet' : 'unchanged';
}
