/** Lets in so many at once; the rest waits in the order it came. */
export interface Turnstile {
  /**
   * Runs work when there is a place. One whose signal aborts while it waits is dropped: the promise rejects with the
   * signal's reason, and the work never runs.
   */
  pass<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

export function turnstile(places: number): Turnstile {
  const waiting: (() => void)[] = [];
  let free = places;
  const admit = () => {
    while (free > 0 && waiting.length > 0) {
      free -= 1;
      waiting.shift()?.();
    }
  };
  const turn = (signal: AbortSignal): Promise<void> => {
    const entered = Promise.withResolvers<void>();
    const leave = () => {
      waiting.splice(waiting.indexOf(enter), 1);
      entered.reject(signal.reason);
    };
    const enter = () => {
      signal.removeEventListener('abort', leave);
      entered.resolve();
    };
    signal.addEventListener('abort', leave, { once: true });
    waiting.push(enter);
    admit();
    return entered.promise;
  };
  return {
    async pass(signal, work) {
      signal.throwIfAborted();
      await turn(signal);
      try {
        return await work();
      } finally {
        free += 1;
        admit();
      }
    },
  };
}
