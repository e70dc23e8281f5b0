import type { Closable } from 'openfaas-sdk-ts';
import type { RawRecord } from '../domain/butler/raw-record.ts';
import type { Instrument } from '../domain/ids/instruments.ts';

/**
 * Butler: registry and datastore records of a Rubin Butler repository (dimension universe 8).
 *
 * - `register` makes sure that an instrument, its detectors and filters and the dataset types of its raws are known;
 *   repeated, it changes nothing.
 * - `ingestRaws` writes, per exposure in one transaction, group, day_obs, exposure, visit with regions and the raws'
 *   dataset rows: a reader sees all of it or nothing. Ids are deterministic (UUIDv5): repeated, also by several
 *   writers at once, it changes nothing and answers `present`.
 * - What the registry says of an exposure stays as it is, also where the header says something else (somebody may
 *   have mended it); only another identity under the same id is a conflict. A visit that it lacks is added.
 * - A guider's stamps do not make an exposure: until a science raw has made it, the outcome is `no exposure`.
 * - One bad record never takes its exposure's neighbours down: its outcome carries the reason.
 */
export interface Butler extends Closable {
  register(instrument: Instrument): Promise<void>;
  /** An outcome a record, in order. */
  ingestRaws(records: readonly RawRecord[]): Promise<IngestOutcome[]>;
  /** Which of these dataset ids (UUIDv5) the registry knows. */
  known(datasetIds: readonly string[]): Promise<Set<string>>;
}

export type IngestOutcome =
  | { readonly kind: 'ingested' | 'present' | 'no exposure' }
  | { readonly kind: 'conflict'; readonly why: string };
