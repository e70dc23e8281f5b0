/** Lets in what weighs no more than so much at once; the rest waits in the order it came. */
export interface Turnstile {
  /**
   * Runs work when there is room for its weight, at most the whole. One whose signal aborts while it waits is dropped:
   * the promise rejects with the signal's reason, and the work never runs.
   */
  pass<T>(weight: number, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly weight: number;
  enter(): void;
}

export function turnstile(capacity: number): Turnstile {
  const waiting: Waiting[] = [];
  let room = capacity;
  const admit = () => {
    while (waiting.length > 0 && waiting[0].weight <= room) {
      const next = waiting.shift();
      if (!next) return;
      room -= next.weight;
      next.enter();
    }
  };
  const turn = (weight: number, signal: AbortSignal): Promise<void> => {
    const entered = Promise.withResolvers<void>();
    const leave = () => {
      const place = waiting.indexOf(item);
      if (place < 0) return;
      waiting.splice(place, 1);
      entered.reject(signal.reason);
      // The next one may be lighter than who stood before it.
      admit();
    };
    const item: Waiting = {
      weight,
      enter() {
        signal.removeEventListener('abort', leave);
        entered.resolve();
      },
    };
    signal.addEventListener('abort', leave, { once: true });
    waiting.push(item);
    admit();
    return entered.promise;
  };
  return {
    async pass(weight, signal, work) {
      signal.throwIfAborted();
      const taken = Math.min(weight, capacity);
      await turn(taken, signal);
      try {
        return await work();
      } finally {
        room += taken;
        admit();
      }
    },
  };
}
