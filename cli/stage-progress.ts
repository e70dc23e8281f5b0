/** Tells on standard error which stage of a chain is at work: on a terminal in one line, elsewhere a line each. */
export function stageProgress(): { onStage(name: string): void; end(): void } {
  const terminal = process.stderr.isTTY;
  let last = '';
  return {
    onStage(name) {
      if (name === last) return;
      last = name;
      process.stderr.write(terminal ? `\r${name} ...\u001b[K` : `${name} ...\n`);
    },
    end() {
      if (terminal) process.stderr.write('\r\u001b[K');
    },
  };
}

/** A table of the stages: milliseconds and share of the whole. */
export function timingTable(timingMs: Readonly<Record<string, number>>): string {
  const total = Object.values(timingMs).reduce((sum, ms) => sum + ms, 0);
  const row = (name: string, ms: number): string =>
    `${name.padEnd(16)} ${ms.toFixed(0).padStart(8)} ms ${((100 * ms) / (total || 1)).toFixed(1).padStart(6)} %`;
  return [...Object.entries(timingMs).map(([name, ms]) => row(name, ms)), row('all', total)].join('\n');
}
