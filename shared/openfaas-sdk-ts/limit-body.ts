import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Fault } from './faults.ts';

/** Refuses a body over `bytes` with 413 before the handler sees it; counts chunked bodies, as of-watchdog sends all. */
export const limitBody = (bytes: number): MiddlewareHandler =>
  bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new Fault(
        'NS_RECORD_TOO_LARGE',
        `The body is larger than the ${bytes} bytes that this endpoint accepts.`,
      );
    },
  });
