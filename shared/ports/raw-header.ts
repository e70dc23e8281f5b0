import { reading } from 'openfaas-sdk-ts';
import type { Sidecar } from '../domain/butler/sidecar.ts';
import { parseHeader } from '../domain/fits/card-reader.ts';
import { sidecarKey } from '../domain/ids/object-key.ts';
import type { ObjectStore } from './object-store.ts';

export interface RawHeader {
  /** The primary header as one flat object. */
  readonly keywords: Sidecar;
  /** Why a sidecar that is there was not taken. */
  readonly sidecarFault?: string;
}

/**
 * The primary header of a raw: its sidecar, or the file's own where there is no sidecar, or one that is no JSON
 * object. Undefined where neither is in the bucket.
 * @throws Fault of the bucket, or NS_RECORD_UNREADABLE where the file is no FITS.
 */
export async function readRawHeader(
  raw: ObjectStore,
  key: string,
  options: { signal?: AbortSignal } = {},
): Promise<RawHeader | undefined> {
  const bytes = await raw.get(sidecarKey(key), options);
  const sidecar = bytes && parseSidecar(Buffer.from(bytes).toString());
  if (typeof sidecar === 'object') return { keywords: sidecar };
  const file = await raw.get(key, options);
  if (!file) return undefined;
  const { header } = reading(`The header of ${key}`, () => parseHeader(file));
  const keywords = Object.fromEntries(header.map(({ keyword, value }) => [keyword, value]));
  return { keywords, ...(sidecar !== undefined && { sidecarFault: sidecar }) };
}

/** The sidecar, or why it is none. */
function parseSidecar(text: string): Sidecar | string {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : 'it is JSON, but no object';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
