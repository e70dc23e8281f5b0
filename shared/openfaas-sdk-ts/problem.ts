import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import { Fault, faults, isFault } from './faults.ts';
import { inWords } from './gate.ts';

/** Seconds after which a caller may try again where a dependency failed. */
const retryAfterSeconds = 2;

/** The members of RFC 9457; `type` is about:blank, where the title says what the status says, unless there is a fault's. */
interface Problem {
  readonly type?: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code?: string;
}

/** An answer as problem+json (RFC 9457). */
export function problem(facts: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  const body = JSON.stringify({ type: 'about:blank', ...facts });
  return new Response(body, {
    status: facts.status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}

/**
 * An error as problem+json: a fault with its code, status and sentence; anything else as NS_UNEXPECTED without its
 * text, which is logged. Hono's own HTTPException answers for itself.
 */
export function problemOf(error: unknown, c: Context, log: Logger): Response {
  if (error instanceof HTTPException) return error.getResponse();
  const fault = isFault(error) ? error : new Fault('NS_UNEXPECTED', 'An unexpected error; the log has it.');
  const { status, meaning, blame } = faults[fault.code];
  if (status >= 500) log.error({ err: error, path: c.req.path }, `request failed: ${inWords(error)}`);
  const type = `urn:nightshift:fault:${fault.code}`;
  const again = { 'retry-after': String(retryAfterSeconds) };
  return problem(
    { type, title: meaning, status, detail: fault.message, code: fault.code },
    blame === 'dependency' ? again : {},
  );
}
