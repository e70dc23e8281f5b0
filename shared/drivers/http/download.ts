import { Fault } from 'openfaas-sdk-ts';

interface Wanted {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
  /** Follows redirections, never from https to http. A request with credentials, or for something private, must not. */
  readonly redirects: boolean;
  /** For all of it, the body included. */
  readonly timeoutMs: number;
  /** Bytes of the body, unpacked. */
  readonly longest: number;
  readonly signal?: AbortSignal;
  readonly onBytes?: (count: number) => void;
}

export interface Downloaded {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/**
 * A large body with bounds of time and size, unpacked where it came with a content encoding. What keeps it away is the
 * dependency's fault; the caller's own signal stays its own. No sentence has anything of the body or of a header.
 */
export async function download(dependency: string, url: string, wanted: Wanted): Promise<Downloaded> {
  const limit = AbortSignal.timeout(wanted.timeoutMs);
  const excess = new AbortController();
  const signal = AbortSignal.any([limit, excess.signal, ...(wanted.signal ? [wanted.signal] : [])]);
  const { method = 'GET', headers, body, redirects } = wanted;
  try {
    const redirect = redirects ? 'follow' : 'manual';
    const response = await fetch(url, { method, headers, body, redirect, signal });
    if (url.startsWith('https:') && response.url.startsWith('http:'))
      throw unavailable(dependency, url, 'redirects to an address without TLS');
    const bytes = await bounded(response, wanted, () => {
      excess.abort();
      throw unavailable(dependency, url, `answers more than the ${wanted.longest} bytes allowed`);
    });
    return { status: response.status, headers: response.headers, bytes };
  } catch (cause) {
    wanted.signal?.throwIfAborted();
    if (cause instanceof Fault) throw cause;
    const why = limit.aborted ? `no whole answer within ${wanted.timeoutMs / 1000} s` : reasonOf(cause);
    throw unavailable(dependency, url, `does not answer: ${why}`, cause);
  }
}

/** With a reader: to leave a loop over an unpacked body early took over 10 s (Node 24). */
async function bounded(
  response: Response,
  { longest, onBytes }: Wanted,
  tooLong: () => never,
): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let count = 0;
  for (;;) {
    const chunk = (await reader?.read())?.value;
    if (chunk === undefined) return Buffer.concat(chunks);
    chunks.push(chunk);
    count += chunk.length;
    if (count > longest) tooLong();
    onBytes?.(count);
  }
}

/** A status other than the one that was hoped for, in words. */
export function refused(dependency: string, url: string, status: number, what: string): Fault {
  const why = words[status] ?? (status >= 300 && status < 400 ? 'a redirection, not followed' : '');
  const sentence = `${dependency} at ${new URL(url).origin} answers ${status}${why && ` (${why})`} ${what}.`;
  const code = status === 401 || status === 403 ? 'NS_DEPENDENCY_REFUSED' : 'NS_DEPENDENCY_UNAVAILABLE';
  return new Fault(code, sentence, { dependency });
}

const words: Readonly<Record<number, string>> = {
  401: 'not authorised',
  403: 'forbidden',
  404: 'not found',
  429: 'too many requests',
};

/** Origin only: a path may hold what is nobody's business. */
const unavailable = (dependency: string, url: string, why: string, cause?: unknown): Fault =>
  new Fault('NS_DEPENDENCY_UNAVAILABLE', `${dependency} at ${new URL(url).origin} ${why}.`, {
    cause,
    dependency,
  });

/** fetch says `fetch failed` or `terminated`, and why only in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
