import { Fault } from 'openfaas-sdk-ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * One HTTP request with a time limit in all, body included. Whatever keeps the answer away (no connection, time-out,
 * a cut body) is the dependency's fault; the caller's own signal stays its own.
 */
export async function request(
  dependency: string,
  url: string,
  options: { method?: string; body?: string; timeoutMs: number; signal?: AbortSignal },
): Promise<Answer> {
  const limit = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([limit, options.signal]) : limit;
  try {
    const response = await fetch(url, {
      method: options.method ?? 'GET',
      redirect: 'error',
      signal,
      ...(options.body !== undefined && {
        body: options.body,
        headers: { 'content-type': 'application/json' },
      }),
    });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    options.signal?.throwIfAborted();
    const reason = limit.aborted ? `no answer within ${options.timeoutMs} ms` : inWords(cause);
    throw new Fault(
      'NS_DEPENDENCY_UNAVAILABLE',
      `${dependency} at ${new URL(url).origin} does not answer: ${reason}`,
      {
        cause,
        dependency,
      },
    );
  }
}

/** A refusal or an answer of another shape than agreed: not to be believed, so the dependency is not there. */
export const unusable = (dependency: string, { status, text }: Answer, why: string): Fault =>
  new Fault('NS_DEPENDENCY_UNAVAILABLE', `${dependency} answers ${status}, ${why}: ${text.slice(0, 200)}`, {
    dependency,
  });

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
