import type { Closable } from 'openfaas-sdk-ts';
import type { ArrivalKey } from '../domain/ids/arrival-key.ts';

/** Presence: asks the presence service where a raw is (RAW_MICROSERVICE). Undefined: not there after the wait. */
export interface Presence extends Closable {
  find(key: ArrivalKey, options: { waitSeconds: number; signal?: AbortSignal }): Promise<string | undefined>;
}
