export interface Progress {
  /** Detector-visits that are published or ended otherwise. */
  readonly finished: number;
  readonly alerts: number;
}

const barWidth = 30;
const everyMs = 500;
/** Where nobody watches a bar, a line now and then tells that the night goes on. */
const everyMsWithoutTerminal = 10_000;

/** Draws a bar on standard error while a night goes on: on a terminal in place, elsewhere a line at times. */
export function showProgress(total: number, look: () => Promise<Progress>): { stop(): void } {
  const terminal = process.stderr.isTTY;
  const startedMs = performance.now();
  let looking = false;
  const draw = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const text = line(await look(), total, (performance.now() - startedMs) / 1000);
      process.stderr.write(terminal ? `\r${text}\u001b[K` : `${text}\n`);
    } finally {
      looking = false;
    }
  };
  // A bar that cannot be drawn now (the store is busy) is drawn the next time.
  const timer = setInterval(() => draw().catch(() => undefined), terminal ? everyMs : everyMsWithoutTerminal);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      if (terminal) process.stderr.write('\n');
    },
  };
}

function line({ finished, alerts }: Progress, total: number, seconds: number): string {
  const filled = Math.round((barWidth * Math.min(finished, total)) / total);
  const bar = '#'.repeat(filled).padEnd(barWidth, '.');
  return `[${bar}] ${finished}/${total} detector-visits, ${alerts} alerts, ${seconds.toFixed(0)} s`;
}
