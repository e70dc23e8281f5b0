import type { Closable } from 'openfaas-sdk-ts';
import type { RawRecord } from '../domain/butler/raw-record.ts';
import type { Instrument } from '../domain/ids/instruments.ts';

/**
 * Butler: registry and datastore records of a Rubin Butler repository (dimension universe 8).
 *
 * - `register` makes sure that an instrument, its detectors and filters and the type `raw` are known; repeated, it
 *   changes nothing.
 * - `ingestRaws` writes, per exposure in one transaction, group, day_obs, exposure, visit with regions and the raws'
 *   dataset rows. Ids are deterministic (UUIDv5): repeated, it changes nothing and answers `present`.
 * - One bad record never takes its exposure's neighbours down: its outcome carries the reason.
 */
export interface Butler extends Closable {
  register(instrument: Instrument): Promise<void>;
  ingestRaws(records: readonly RawRecord[]): Promise<IngestOutcome[]>;
  /** Which of these dataset ids (UUIDv5) the registry knows. */
  known(datasetIds: readonly string[]): Promise<Set<string>>;
}

export type IngestOutcome =
  | { readonly kind: 'ingested' | 'present' }
  | { readonly kind: 'conflict'; readonly why: string };
