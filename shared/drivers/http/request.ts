import * as http from 'node:http';
import * as https from 'node:https';
import { Fault } from 'openfaas-sdk-ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: http.IncomingHttpHeaders;
}

interface Question {
  readonly method?: string;
  /** JSON. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For all of it, the answer's body included. */
  readonly timeoutMs: number;
  /** Longest answer that is read; 16 MiB where it is not said. */
  readonly mostBytes?: number;
  readonly signal?: AbortSignal;
}

/** A host that is up takes a connection in milliseconds; one that is gone would cost the whole time limit. */
const connectMs = 1000;
/** Nothing that is asked for is as long; what is would only fill the memory. */
const longestAnswer = 16 * 1024 * 1024;

/**
 * One HTTP request with a time limit. Whatever keeps the answer away (no connection, time-out, a cut body, a
 * longer one than asked for) is the dependency's fault; the caller's own signal stays its own. Redirections are answers like any other.
 */
export async function request(dependency: string, url: string, question: Question): Promise<Answer> {
  const limit = AbortSignal.timeout(question.timeoutMs);
  const signal = question.signal ? AbortSignal.any([limit, question.signal]) : limit;
  try {
    return await exchange(new URL(url), { ...question, signal });
  } catch (cause) {
    question.signal?.throwIfAborted();
    const reason = limit.aborted ? `no answer within ${question.timeoutMs} ms` : inWords(cause);
    const why = `${dependency} at ${new URL(url).origin} does not answer: ${reason}`;
    throw new Fault('NS_DEPENDENCY_UNAVAILABLE', why, { cause, dependency });
  }
}

function exchange(url: URL, question: Omit<Question, 'timeoutMs'>): Promise<Answer> {
  const { method = 'GET', body, mostBytes = longestAnswer, signal } = question;
  return new Promise((answered, failed) => {
    const send = url.protocol === 'https:' ? https.request : http.request;
    const headers = {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...question.headers,
    };
    const outgoing = send(url, { method, headers, signal });
    outgoing.on('socket', (socket) => {
      if (!socket.connecting) return;
      const giveUp = () => outgoing.destroy(new Error(`no connection within ${connectMs} ms`));
      const timer = setTimeout(giveUp, connectMs);
      socket.once('connect', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
    });
    outgoing.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      textOf(response, mostBytes).then((text) => answered({ status, text, headers }), failed);
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed a kept connection in the moment in which it was used again: it has read nothing.
      const again = outgoing.reusedSocket && error.code === 'ECONNRESET' && !signal?.aborted;
      if (again) exchange(url, question).then(answered, failed);
      else failed(error);
    });
    outgoing.end(body);
  });
}

async function textOf(response: http.IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += chunk.length;
    if (length > mostBytes) throw new Error(`its answer is longer than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** A refusal or an answer of another shape than agreed: not to be believed, so the dependency is not there. */
export const unusable = (dependency: string, { status, text: said }: Answer, why: string): Fault =>
  new Fault(
    status === 401 || status === 403 ? 'NS_DEPENDENCY_REFUSED' : 'NS_DEPENDENCY_UNAVAILABLE',
    `${dependency} answers ${status}, ${why}: ${said.slice(0, 200)}`,
    { dependency },
  );

const inWords = (error: unknown): string => (error instanceof Error ? error.message : String(error));
