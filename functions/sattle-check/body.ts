import { Refusal } from './refusal.ts';
import type { Turnstile } from './turnstile.ts';

/** What a route reads of a request. */
export interface BodyLimit {
  readonly bytes: number;
  /** For each of the two goes in which a body is read. */
  readonly seconds: number;
}

/** Bodies over so many bytes go through a turnstile. */
export interface Lane {
  readonly bytes: number;
  readonly turns: Turnstile;
}

/**
 * Works with a request's body, whole and in a buffer of its own. Of a large one no more than the lane's bytes are read
 * before its turn comes, so that neither many large ones nor a slow one hold memory or others up. Throws a Refusal: 413
 * over the limit, as the original does, and 408 for one that does not come within the time.
 */
export async function withBody<T>(
  request: Request,
  limit: BodyLimit,
  lane: Lane,
  work: (body: Uint8Array<ArrayBuffer>) => Promise<T>,
): Promise<T> {
  const body = openBody(request, limit);
  if (await body.readTo(lane.bytes)) return work(body.whole());
  return lane.turns.pass(request.signal, async () => {
    await body.readTo(limit.bytes);
    return work(body.whole());
  });
}

/** The same for a route whose bodies are all small. */
export async function readBody(request: Request, limit: BodyLimit): Promise<Uint8Array<ArrayBuffer>> {
  const body = openBody(request, limit);
  await body.readTo(limit.bytes);
  return body.whole();
}

function openBody(request: Request, limit: BodyLimit) {
  if (Number(request.headers.get('content-length')) > limit.bytes) throw tooLarge(limit);
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    /** True at the end of the body, false when more than so many bytes have come; over the limit it throws. */
    async readTo(bytes: number): Promise<boolean> {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(slow(limit)), limit.seconds * 1000);
      try {
        while (reader && size <= bytes) {
          const { done, value } = await Promise.race([reader.read(), late.promise]);
          if (done) return true;
          size += value.length;
          chunks.push(value);
        }
        if (size > limit.bytes) throw tooLarge(limit);
        return reader === undefined;
      } catch (error) {
        // Whether the sender hears of it is the connection's matter: the answer goes out in any case.
        reader?.cancel().catch(() => undefined);
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    whole(): Uint8Array<ArrayBuffer> {
      const whole = new Uint8Array(size);
      let offset = 0;
      for (const chunk of chunks) {
        whole.set(chunk, offset);
        offset += chunk.length;
      }
      return whole;
    },
  };
}

const tooLarge = ({ bytes }: BodyLimit): Refusal =>
  new Refusal(413, 'too_large', `Maximum request body size ${bytes} exceeded.`);

const slow = ({ seconds }: BodyLimit): Refusal =>
  new Refusal(408, 'slow_body', `The body did not arrive within ${seconds} s.`);
