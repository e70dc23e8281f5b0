import type { Closable } from 'openfaas-sdk-ts';
import type { ArrivalKey } from '../domain/ids/arrival-key.ts';

/**
 * Arrivals: which raw file of (instrument, group, snap, detector) is in the bucket, and where.
 * The key is the original's, `GROUP:{instrument}:{group}:{snap}:{raft_sensor}`; a later announcement of one key wins.
 * A key is forgotten after its time to live. Rebuilt from the bucket by requeue-idle when it is lost.
 */
export interface Arrivals extends Closable {
  announce(arrivals: readonly Arrival[], ttlSeconds: number): Promise<void>;
  find(key: ArrivalKey): Promise<string | undefined>;
  /** The URI as soon as it is there, or undefined after `waitSeconds`; waiting costs no polling of the caller. */
  wait(key: ArrivalKey, options: { waitSeconds: number; signal?: AbortSignal }): Promise<string | undefined>;
}

export interface Arrival extends ArrivalKey {
  /** `s3://profile@bucket/key`. */
  readonly uri: string;
}
