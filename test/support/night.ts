import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAlert } from '#shared/domain/alert/packet.ts';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'cli/main.ts');

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly result: Promise<CommandResult>;
  /** Kills the whole process tree at once. */
  killTree(): void;
}

/** Starts `nightshift ...` in a process group of its own, so that the tree under it can be killed at one stroke. */
export function startCommand(args: readonly string[], environment: NodeJS.ProcessEnv = {}): RunningCommand {
  const child: ChildProcess = spawn(process.execPath, [main, ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return {
    result: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    }),
    killTree: () => killGroup(child),
  };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // The tree has ended by itself meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

export const runCommand = (
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
): Promise<CommandResult> => startCommand(args, environment).result;

/** A folder that is gone when the test is over. */
export function temporaryFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'nightshift-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The JSON that is the last line of `night --json`. @throws with all that was printed where there is none. */
export function nightResult({ stdout, stderr, code }: CommandResult): NightResult {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`night ended with ${code}:\n${stdout}\n${stderr}`);
  return JSON.parse(last);
}

export interface NightResult {
  readonly visits: number;
  readonly detectorVisits: number;
  readonly arrived: number;
  readonly processed: number;
  readonly alerts: number;
  readonly archived: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly deadLettered: number;
  readonly latencySeconds: { readonly p50: number; readonly p98: number; readonly max: number };
  readonly truth: {
    readonly injected: number;
    readonly recovered: number;
    readonly falseAlerts: number;
    readonly satellitesPublished: number;
    readonly uncataloguedTrailsPublished: number;
  };
}

/** Every packet that a night published: file name to alert, but for the two times that tell when it was processed. */
export async function publishedAlerts(data: string): Promise<Map<string, string>> {
  using folder = temporaryFolder();
  const { code, stderr } = await runCommand(['consume', '--data', data, '--out', folder.path]);
  if (code !== 0) throw new Error(`consume ended with ${code}: ${stderr}`);
  return new Map(
    readdirSync(folder.path)
      .sort()
      .map((name) => [name, timeless(decodeAlert(readFileSync(join(folder.path, name))))]),
  );
}

const processingTimes = new Set(['timeProcessedMjdTai', 'validityStartMjdTai']);

const timeless = (alert: unknown): string =>
  JSON.stringify(alert, (key, value) => {
    if (processingTimes.has(key)) return undefined;
    if (typeof value === 'bigint') return value.toString();
    return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  });
