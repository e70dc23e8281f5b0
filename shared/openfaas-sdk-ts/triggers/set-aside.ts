import type { NewRecord, TopicRecord } from '../sources.ts';

// Where a topic's units go that did not end well: `{group}.retry` and `{group}.dead`, bytes and headers as they came
// with these headers beside them.

export const retryTopic = (group: string): string => `${group}.retry`;
export const deadTopic = (group: string): string => `${group}.dead`;

/** Longest cause in a header: brokers bound the size of a record, headers included. */
const longestCause = 1000;

/**
 * A log that refuses a second record of one `id` (the embedded one) would drop a second retry: on the retry topic the
 * id has another name, and the record that the handler gets has its own again.
 */
const movedId = 'original-id';

export const sourceOf = (record: TopicRecord): string =>
  record.headers.source ?? `${record.topic}/${record.partition}/${record.offset}`;

/** Attempts that a record has behind it: 0 on its own topic. */
export const spentAttempts = (record: TopicRecord): number => Number(record.headers.attempt ?? 0) || 0;

/** Unix milliseconds before which a record is not tried; 0 on its own topic. */
export const notBeforeMs = (record: TopicRecord): number => Number(record.headers['not-before'] ?? 0) || 0;

export function retryRecord(
  record: TopicRecord,
  attempt: number,
  notBefore: number,
  cause: string,
): NewRecord {
  const { id, ...headers } = asItCame(record).headers;
  return {
    key: record.key,
    value: record.value,
    headers: {
      ...headers,
      ...(id === undefined ? {} : { [movedId]: id }),
      ...facts(record, attempt, cause),
      'not-before': String(Math.round(notBefore)),
    },
  };
}

export function deadRecord(record: TopicRecord, attempt: number, cause: string): NewRecord {
  const { 'not-before': _, ...headers } = asItCame(record).headers;
  return { key: record.key, value: record.value, headers: { ...headers, ...facts(record, attempt, cause) } };
}

/** For a record that with its new headers is larger than the log accepts: where it came from is kept. */
export const withoutValue = (record: NewRecord): NewRecord => ({
  ...record,
  value: '',
  headers: { ...record.headers, 'value-omitted': 'true' },
});

/** The record with the id header under its own name. */
export function asItCame(record: TopicRecord): TopicRecord {
  const { [movedId]: id, ...headers } = record.headers;
  return id === undefined ? record : { ...record, headers: { ...headers, id } };
}

const facts = (record: TopicRecord, attempt: number, cause: string) => ({
  attempt: String(attempt),
  cause: cause.slice(0, longestCause),
  source: sourceOf(record),
});
