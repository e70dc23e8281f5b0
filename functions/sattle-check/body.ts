import { Refusal } from './refusal.ts';

/** What a route reads of a request. */
export interface BodyLimit {
  readonly bytes: number;
  readonly seconds: number;
}

/** Bytes that a body says it has; the limit where it says nothing, as of-watchdog forwards all. */
export function announcedBytes(request: Request, { bytes }: BodyLimit): number {
  const length = request.headers.get('content-length');
  const chunked = request.headers.has('transfer-encoding');
  return length === null || chunked ? bytes : Number(length);
}

/**
 * A request's body, whole and in a buffer of its own. Throws a Refusal: 413 over the limit, as the original does, and
 * 408 for one that takes longer than the limit, however much of it has come.
 */
export async function readBody(request: Request, limit: BodyLimit): Promise<Uint8Array<ArrayBuffer>> {
  if (announcedBytes(request, limit) > limit.bytes) throw tooLarge(limit);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(slow(limit)), limit.seconds * 1000);
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    while (reader) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) break;
      size += value.length;
      if (size > limit.bytes) throw tooLarge(limit);
      chunks.push(value);
    }
  } catch (error) {
    // Whether it can be told is the connection's matter: the answer goes out in any case.
    reader?.cancel().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

const tooLarge = ({ bytes }: BodyLimit): Refusal =>
  new Refusal(413, 'too_large', `Maximum request body size ${bytes} exceeded.`);

const slow = ({ seconds }: BodyLimit): Refusal =>
  new Refusal(408, 'slow_body', `The body did not arrive within ${seconds} s.`);
