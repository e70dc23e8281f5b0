const everyMs = 1000;

/** Tells on standard error how far a download is, once a second: on a terminal in one line, elsewhere a line each. */
export function downloadProgress(): {
  onBytes: (name: string, count: number) => void;
  say: (sentence: string) => void;
} {
  const terminal = process.stderr.isTTY;
  let toldMs = performance.now();
  return {
    onBytes(name, count) {
      if (performance.now() - toldMs < everyMs) return;
      toldMs = performance.now();
      const text = `${name}: ${(count / 1e6).toFixed(1)} MB ...`;
      process.stderr.write(terminal ? `\r${text}\u001b[K` : `${text}\n`);
    },
    say(sentence) {
      process.stderr.write(terminal ? `\r${sentence}\u001b[K\n` : `${sentence}\n`);
    },
  };
}
