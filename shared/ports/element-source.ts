import type { Closable } from 'openfaas-sdk-ts';
import type { MjdUtc } from '../domain/time/scales.ts';

/** What a source answered. `bytes`: OMM in JSON or TLE as text in UTF-8, or a gzip of it. */
export type Fetched =
  | { readonly kind: 'new'; readonly bytes: Uint8Array; readonly validator?: string }
  /** Nothing but what the validator's answer had. */
  | { readonly kind: 'unchanged' }
  /** A folder or prefix that holds no file yet. */
  | { readonly kind: 'nothing' };

/** Longest text that is taken from a source: 50,000 element sets of Space-Track's 1.1 kB are 55 MB. */
export const longestElementText = 128 * 1024 * 1024;

/**
 * Element-source: one place from which satellites' element sets come, taken whole.
 *
 * - An answer's `validator` (an ETag, a file's time and size) makes the next `fetch` conditional: `unchanged` where the
 *   source still has what it had. A source that knows none answers `new` each time.
 * - `near` asks for the element sets of a past date; a source that has only one choice of them passes over it.
 * - More than {@link longestElementText} is refused, and so is an answer that was cut.
 * - Faults: NS_DEPENDENCY_UNAVAILABLE, NS_DEPENDENCY_REFUSED. No sentence of theirs has a part of what was answered,
 *   of a session or of a credential: sources are private.
 */
export interface ElementSource extends Closable {
  fetch(options: {
    validator?: string;
    near?: MjdUtc;
    signal?: AbortSignal;
    /** Called with the bytes that have come so far. */
    onBytes?: (count: number) => void;
  }): Promise<Fetched>;
}

/** At most so many requests within so many seconds, as the source's operator asks. */
export interface RequestLimit {
  readonly requests: number;
  readonly seconds: number;
}

/** A source as SATELLITE_SOURCES_FILE declares it. */
export interface DeclaredSource {
  /** Lower-case letters, digits and hyphens: part of keys, and a label of metrics. */
  readonly name: string;
  /** Its element sets leave this process only sealed, and nothing but their number is told. */
  readonly private: boolean;
  /** No snapshot is made without it. */
  readonly required: boolean;
  readonly everyMinutes: number;
  /** Hours for which its newest element set counts as current; a required one that is older is missing. */
  readonly maxAgeHours: number;
  /** Whether its requests go to somebody else's service, so that their times outlive this process. */
  readonly remote: boolean;
  /** Requests that one fetch makes, of those that `limits` allow. */
  readonly requests: number;
  readonly limits: readonly RequestLimit[];
  readonly source: ElementSource;
}

/** All sources of a function or command. */
export interface ElementSources extends Closable {
  readonly declared: readonly DeclaredSource[];
}
