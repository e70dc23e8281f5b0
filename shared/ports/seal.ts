import type { Closable } from 'openfaas-sdk-ts';

/**
 * Seal: authenticated encryption of what must wait for the satellite gate's answer (AES-256-GCM).
 * `open` of bytes that were sealed with another key, or changed since, is a Fault NS_RECORD_UNREADABLE.
 */
export interface Seal extends Closable {
  seal(bytes: Uint8Array): Uint8Array;
  open(sealed: Uint8Array): Uint8Array;
}
