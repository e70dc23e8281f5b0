import type { Context as Reply } from 'hono';
import { faults, isFault } from 'openfaas-sdk-ts';
import type { SattleContext } from './configuration.ts';
import type { Counters } from './counters.ts';
import { Refusal } from './refusal.ts';

/** How a route answers in the original's shape where something unforeseen went wrong. */
export interface Unexpected {
  readonly status: 400 | 500;
  readonly text: string;
}

/** Errors in the original's shape, a status and a sentence as text; none of them lets a source through. */
export async function answering(
  reply: Reply,
  { log }: SattleContext,
  counters: Counters,
  unexpected: Unexpected,
  work: () => Promise<Response>,
): Promise<Response> {
  const stop = counters.seconds.startTimer({ route: reply.req.path });
  try {
    return await work();
  } catch (error) {
    if (reply.req.raw.signal.aborted) {
      log.info('the asker went away before the answer');
      return reply.text('', 400);
    }
    const refusal = refusalOf(error, unexpected);
    counters.refusals.inc({ reason: refusal.reason });
    const { status, reason, text } = refusal;
    if (reason !== 'failed' && (status < 500 || reason === 'bad_request')) log.warn({ status, reason }, text);
    else log.error({ err: error, status, reason }, 'not answered, so nothing is allowed');
    return reply.text(refusal.text, refusal.status, refusal.status === 429 ? { 'retry-after': '1' } : {});
  } finally {
    stop();
  }
}

function refusalOf(error: unknown, { status, text }: Unexpected): Refusal {
  if (error instanceof Refusal) return error;
  if (!isFault(error)) return new Refusal(status, 'failed', text, error);
  return faults[error.code].status === 503
    ? new Refusal(503, 'unavailable', error.message, error)
    : new Refusal(500, 'failed', error.message, error);
}
