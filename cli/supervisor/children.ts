import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../main.ts');

/** A child that dies young is started again after 0.25 s, 0.5 s, ... up to this. */
const longestPauseMs = 10_000;
/** A child that lived this long starts with the shortest pause again. */
const soundAfterMs = 30_000;

export interface Children {
  /** Starts `nightshift child ROLE`, and starts it again whenever it dies, until `stop`. */
  keep(role: string, environment: NodeJS.ProcessEnv): void;
  /** Starts a child that may end by itself; resolves with its exit code. */
  run(role: string, environment: NodeJS.ProcessEnv): Promise<number>;
  /** Closes every child's standard input, upon which it drains and exits; resolves when all are gone. */
  stop(): Promise<void>;
}

/** Children die with the supervisor: their standard input is a pipe that the operating system closes with it. */
export function superviseChildren(onLine: (line: string) => void): Children {
  const living = new Set<ChildProcess>();
  let stopping = false;

  const start = (role: string, environment: NodeJS.ProcessEnv): ChildProcess => {
    const child = spawn(process.execPath, [main, 'child', role], {
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    living.add(child);
    child.once('exit', () => living.delete(child));
    // A child that is gone already cannot be told to stop, which is no error.
    child.stdin.on('error', () => {});
    for (const stream of [child.stdout, child.stderr]) eachLine(stream, onLine);
    return child;
  };

  const keep = (role: string, environment: NodeJS.ProcessEnv, pauseMs = 250): void => {
    const startedMs = performance.now();
    start(role, environment).once('exit', (code, signal) => {
      if (stopping) return;
      const next = performance.now() - startedMs > soundAfterMs ? 250 : Math.min(2 * pauseMs, longestPauseMs);
      onLine(
        JSON.stringify({
          level: 'error',
          fn: role,
          code,
          signal,
          msg: `child died, starts again in ${next} ms`,
        }),
      );
      setTimeout(() => stopping || keep(role, environment, next), next).unref();
    });
  };

  return {
    keep,
    run: (role, environment) =>
      new Promise((resolve) => {
        start(role, environment).once('exit', (code) => resolve(code ?? 1));
      }),
    async stop() {
      stopping = true;
      await Promise.all(
        [...living].map(
          (child) =>
            new Promise<void>((resolve) => {
              child.once('exit', () => resolve());
              child.stdin?.end();
            }),
        ),
      );
    },
  };
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => rest && onLine(rest));
}
