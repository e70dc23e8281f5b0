/** Times the stages of a chain by a clock that it is given: pixels know none of their own. */
export interface Stopwatch {
  /** Milliseconds by stage, in the order in which they began. */
  readonly timingMs: Readonly<Record<string, number>>;
  stage<T>(name: string, work: () => T): T;
}

/**
 * @param clock milliseconds from any origin
 * @param onStage is told each stage's name as it begins
 */
export function startStopwatch(clock: () => number, onStage: (name: string) => void = () => {}): Stopwatch {
  const timingMs: Record<string, number> = {};
  return {
    timingMs,
    stage(name, work) {
      onStage(name);
      const start = clock();
      const result = work();
      timingMs[name] = (timingMs[name] ?? 0) + clock() - start;
      return result;
    },
  };
}
