import { useEffect, useState } from 'preact/hooks';

/** What was asked for, as far as it has come. */
export interface Polled<T> {
  readonly value?: T;
  /** The server knows nothing of this name. */
  readonly missing?: true;
  /** What is wrong while answers fail to come; `value` is then the last one that came. */
  readonly trouble?: string;
  /** Server's clock less ours, ms, to a second: the night's clock is reckoned with it. */
  readonly clockAheadMs: number;
}

/** Asks an address every second while the page is seen. Unchanged answers (same ETag) are not drawn again. */
export function usePolled<T>(address: string, everyMs = 1000): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ clockAheadMs: 0 });
  useEffect(() => {
    const stop = new AbortController();
    let tag: string | null = null;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      if (!document.hidden) {
        const answer = await answerOf<T>(address, tag, stop.signal);
        if (stop.signal.aborted) return;
        if (answer.changed) setPolled((before) => ({ ...before, trouble: undefined, ...answer.changed }));
        tag = answer.tag;
      }
      timer = setTimeout(ask, everyMs);
    };
    const askNow = () => {
      clearTimeout(timer);
      ask();
    };
    document.addEventListener('visibilitychange', askNow);
    ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', askNow);
    };
  }, [address, everyMs]);
  return polled;
}

interface Answer<T> {
  readonly tag: string | null;
  readonly changed?: Partial<Polled<T>>;
}

async function answerOf<T>(address: string, before: string | null, signal: AbortSignal): Promise<Answer<T>> {
  try {
    const response = await fetch(address, { signal });
    const tag = response.headers.get('etag');
    if (response.status === 404) return { tag: null, changed: { missing: true } };
    if (!response.ok) {
      const { detail = response.statusText } = await response.json();
      return { tag: null, changed: { trouble: `The console cannot tell how the night is: ${detail}` } };
    }
    if (tag !== null && tag === before) return { tag };
    const clockAheadMs = Date.parse(response.headers.get('date') ?? '') + 500 - Date.now();
    const value: T = await response.json();
    return {
      tag,
      changed: { value, missing: undefined, clockAheadMs: Number.isNaN(clockAheadMs) ? 0 : clockAheadMs },
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { tag: null, changed: { trouble: `Nightshift does not answer (${why}). Is it still running?` } };
  }
}
