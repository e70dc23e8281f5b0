import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Seconds that a process and its children took. */
export interface Spent {
  /** User and system. */
  readonly cpu: number;
  readonly wall: number;
}

/**
 * Runs a program to its end and gives what bash's `time` says it took, beside its standard output.
 *
 * @throws with its standard error where it fails
 */
export async function timed(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<Spent & { stdout: string }> {
  const script = 'TIMEFORMAT="%U %S %R"; time "$@"';
  const { stdout, stderr } = await run('bash', ['-c', script, 'bash', program, ...args], {
    cwd,
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 256 << 20,
  });
  const [user, system, wall] = (stderr.trimEnd().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { cpu: user + system, wall, stdout };
}

export function total(parts: readonly Spent[]): Spent {
  return parts.reduce((sum, { cpu, wall }) => ({ cpu: sum.cpu + cpu, wall: sum.wall + wall }), {
    cpu: 0,
    wall: 0,
  });
}
