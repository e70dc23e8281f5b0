/** Times the stages of a chain by a clock that it is given: pixels know none of their own. */
export interface Stopwatch {
  /** Milliseconds by stage. */
  readonly timingMs: Readonly<Record<string, number>>;
  stage<T>(name: string, work: () => T): T;
}

export function startStopwatch(clock: () => number): Stopwatch {
  const timingMs: Record<string, number> = {};
  return {
    timingMs,
    stage(name, work) {
      const start = clock();
      const result = work();
      timingMs[name] = (timingMs[name] ?? 0) + clock() - start;
      return result;
    },
  };
}
