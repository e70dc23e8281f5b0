import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** One program of a service. It can be stopped and started again on the same data, as an outage does. */
export interface ServiceProcess {
  start(): Promise<void>;
  /** SIGTERM by default; answers when the process has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ServiceProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Its standard output and error are written here. */
  readonly logFile: string;
  /** True when the service answers; asked every 50 ms. */
  ready(): Promise<boolean>;
  readonly readyWithinSeconds: number;
}

export function serviceProcess(program: ServiceProgram): ServiceProcess {
  let child: ChildProcess | undefined;
  // Nothing of ours outlives the test process, however it exits.
  process.once('exit', () => child?.kill('SIGKILL'));
  return {
    async start() {
      const log = openSync(program.logFile, 'a');
      child = spawn(program.command, program.args, { stdio: ['ignore', log, log] });
      closeSync(log);
      await becomesReady(program, child);
    },
    async stop(signal = 'SIGTERM') {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },
  };
}

async function becomesReady(program: ServiceProgram, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + program.readyWithinSeconds * 1000;
  while (!(await program.ready())) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (!ended && performance.now() < deadline) {
      await pause(50);
      continue;
    }
    child.kill('SIGKILL');
    const log = readFileSync(program.logFile, 'utf8').slice(-2000);
    const what = ended ? 'ended at its start' : `was not ready within ${program.readyWithinSeconds} s`;
    throw new Error(`${program.command} ${what}:\n${log}`);
  }
}

/** A folder of a service's own; the launcher removes it when the service is closed. */
export function serviceFolder(name: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `nightshift-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/**
 * The first of `count` consecutive free ports below 32768: above is the range of ephemeral ports, where any
 * client's connection may sit on one while its service is stopped.
 */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const first = 10_000 + Math.floor(Math.random() * (22_000 - count));
    const wanted = Array.from({ length: count }, (_, n) => first + n);
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return first;
  }
  throw new Error(`No ${count} consecutive free ports were found between 10000 and 32000.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
  });
}

/** True when something accepts connections there. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
    socket.once('connect', () => socket.destroy());
  });
}
