import { createHash } from 'node:crypto';
import type { DeclaredSource, RequestLimit } from '#shared/ports/element-source.ts';

/** What is remembered of a source beside its last text, in the bucket: replicas and restarts go on from it. Unix ms. */
export interface SourceRecord {
  /** When its requests of the last hour were sent. */
  readonly requestsMs: readonly number[];
  /** Not asked again before. */
  readonly nextMs: number;
  /** Fetches that failed since the last one that did not. */
  readonly failures: number;
  /** Of the text that is kept; missing while there is none. */
  readonly text?: KeptText;
}

export interface KeptText {
  /** Chosen by chance for each text: a digest would tell somebody with a guess of a private one whether it is right. */
  readonly version: string;
  readonly private: boolean;
  readonly fetchedMs: number;
  readonly validator?: string;
}

export const newRecord: SourceRecord = { requestsMs: [], nextMs: 0, failures: 0 };

/** How a source wants to be asked. */
export type Pace = Pick<DeclaredSource, 'everyMinutes' | 'remote' | 'requests' | 'limits'>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Whether a source may be asked now: its time has come, and so many requests are within its limits. */
export function isDue({ nextMs, requestsMs }: SourceRecord, pace: Pace, nowMs: number): boolean {
  return nowMs >= nextMs && limitBrokenBy(pace, requestsMs, nowMs) === undefined;
}

/** The limit that another fetch would break. */
export function limitBrokenBy(
  { requests, limits }: Pace,
  requestsMs: readonly number[],
  nowMs: number,
): RequestLimit | undefined {
  return limits.find(
    (limit) =>
      requestsMs.filter((sentMs) => sentMs > nowMs - limit.seconds * 1000).length + requests > limit.requests,
  );
}

/**
 * The record to keep before a fetch, so that one who dies over it, or another replica, does not ask too early again.
 * @param chance between 0 and 1: up to a tenth of the period is added at somebody else's service, so that sites do not
 *   ask in step
 */
export function reserved(record: SourceRecord, pace: Pace, nowMs: number, chance: number): SourceRecord {
  const sent = Array.from({ length: pace.requests }, () => nowMs);
  return {
    ...record,
    requestsMs: [...record.requestsMs.filter((sentMs) => sentMs > nowMs - HOUR_MS), ...sent],
    nextMs: nowMs + pace.everyMinutes * MINUTE_MS * (pace.remote ? 1 + chance / 10 : 1),
  };
}

/**
 * The record after a fetch that failed: the next one after a minute, two, four, ... up to the period, spread upwards by
 * a quarter. Where the operator limits requests the period stays, since a query that failed was one.
 */
export function failed(record: SourceRecord, pace: Pace, nowMs: number, chance: number): SourceRecord {
  const failures = record.failures + 1;
  const longest = Math.max(1, pace.everyMinutes);
  const minutes = pace.limits.length > 0 ? longest : Math.min(longest, 2 ** (failures - 1));
  return { ...record, failures, nextMs: nowMs + minutes * MINUTE_MS * (1 + chance / 4) };
}

/** What the texts of all sources are, as one word: another one means that another snapshot may be due. */
export function inputsOf(sources: readonly { name: string; text?: KeptText }[]): string {
  const facts = sources.map(({ name, text }) => [name, text?.private, text?.version]);
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
