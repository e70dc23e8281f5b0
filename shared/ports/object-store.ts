import type { Closable } from 'openfaas-sdk-ts';

/**
 * Object-store: one bucket of immutable-by-convention objects.
 *
 * - After `put` answered, `get`, `head` and `list` see the object whole; a reader never sees a part of it.
 * - `ifAbsent` stores only where nothing is: the one that comes second gets `stored: false` and changes nothing.
 * - Every stored object of a bucket with notifications causes a created event, at least once, in S3's record form
 *   (Ceph: bucket notification; embedded: POSTed to enqueue and appended to the bucket's topic).
 * - Keys are UTF-8 and may hold any character; a key that would leave the bucket (`..`, absolute) is refused.
 * - Faults: NS_DEPENDENCY_UNAVAILABLE, NS_DEPENDENCY_REFUSED, NS_STORAGE_FULL. A missing object is undefined, not a fault.
 */
export interface ObjectStore extends Closable {
  readonly bucket: string;
  put(
    key: string,
    bytes: Uint8Array,
    options?: { ifAbsent?: boolean; contentType?: string; signal?: AbortSignal },
  ): Promise<{ stored: boolean }>;
  get(key: string, options?: { signal?: AbortSignal }): Promise<Uint8Array | undefined>;
  head(key: string, options?: { signal?: AbortSignal }): Promise<ObjectFacts | undefined>;
  /** In order of the key's UTF-8 bytes. */
  list(prefix: string, options?: { after?: string; signal?: AbortSignal }): AsyncIterable<ObjectFacts>;
  delete(key: string): Promise<void>;
}

export interface ObjectFacts {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly eTag: string;
  /** Unix ms. */
  readonly modifiedMs: number;
}
