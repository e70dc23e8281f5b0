import type { NewRecord, TopicRecord } from '../sources.ts';

// Where a topic's records go that did not end well: `{group}.retry` and `{group}.dead`, bytes and headers as they came,
// with these headers beside them: attempt (how many were spent), cause, source (topic/partition/offset of the first
// place), and on the retry topic not-before (Unix ms).

export const retryTopic = (group: string): string => `${group}.retry`;
export const deadTopic = (group: string): string => `${group}.dead`;

/** Longest cause in a header: brokers bound the size of a record, headers included. */
const longestCause = 1000;

/**
 * A log that refuses a second record of one `id` (the embedded one) would drop a second retry: on the retry topic the
 * id has another name, and the record that the handler gets has its own again.
 */
const movedId = 'original-id';

/** A record with what is known of its tries. */
export interface Tried {
  readonly record: TopicRecord;
  /** Where it stood first, `topic/partition/offset`. */
  readonly source: string;
  /** Attempts that it has behind it. */
  readonly spent: number;
  /** Unix milliseconds before which it is not tried. */
  readonly dueMs: number;
}

/** A record of the topic itself, whose headers are its producer's. */
export const untried = (record: TopicRecord): Tried => ({
  record,
  source: `${record.topic}/${record.partition}/${record.offset}`,
  spent: 0,
  dueMs: 0,
});

/** A record of the retry topic. */
export function triedBefore(record: TopicRecord): Tried {
  const { [movedId]: id, ...headers } = record.headers;
  const { attempt, source, 'not-before': notBefore } = headers;
  const { source: here } = untried(record);
  return {
    record: id === undefined ? record : { ...record, headers: { ...headers, id } },
    source: source ?? here,
    spent: Number(attempt) || 0,
    dueMs: Number(notBefore) || 0,
  };
}

export function retryRecord(tried: Tried, attempt: number, notBeforeMs: number, cause: string): NewRecord {
  const { key, value } = tried.record;
  const { id, ...headers } = tried.record.headers;
  return {
    key,
    value,
    headers: {
      ...headers,
      ...(id === undefined ? {} : { [movedId]: id }),
      ...facts(tried, attempt, cause),
      'not-before': String(Math.round(notBeforeMs)),
    },
  };
}

export function deadRecord(tried: Tried, attempt: number, cause: string): NewRecord {
  const { key, value } = tried.record;
  const { 'not-before': _, ...headers } = tried.record.headers;
  return { key, value, headers: { ...headers, ...facts(tried, attempt, cause) } };
}

/** For a record that with its new headers is larger than the log accepts: where it came from is kept. */
export const withoutValue = (record: NewRecord): NewRecord => ({
  ...record,
  value: '',
  headers: { ...record.headers, 'value-omitted': 'true' },
});

const facts = ({ source }: Tried, attempt: number, cause: string) => ({
  attempt: String(attempt),
  cause: cause.slice(0, longestCause),
  source,
});
