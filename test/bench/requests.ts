import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../cli/supervisor/supervise.ts';
import { temporaryFolder } from '../support/night.ts';
import type { Measurement } from './main.ts';

/** CPU of a request through the function against a bare node:http server that calls the same driver. */
const bar = 5;
const concurrency = 32;
const secret = 'bench';

/** enqueue and presence on the embedded drivers: requests a second, and CPU a request against the bare server. */
export async function requestBenchmarks(quick: boolean): Promise<Measurement[]> {
  const seconds = quick ? 3 : 10;
  const measurements: Measurement[] = [];
  for (const name of ['enqueue', 'presence'] as const) {
    const ours = await measure(
      join(import.meta.dirname, '../../cli/main.ts'),
      ['serve', name],
      name,
      seconds,
    );
    const peer = await measure(join(import.meta.dirname, 'bare-server.ts'), [name], name, seconds);
    measurements.push({
      name,
      ours: inWords(ours),
      peer: inWords(peer),
      ratio: ours.cpuMs / peer.cpuMs,
      bar,
    });
  }
  return measurements;
}

interface Load {
  readonly perSecond: number;
  readonly cpuMs: number;
}

const inWords = ({ perSecond, cpuMs }: Load): string =>
  `${perSecond.toFixed(0)}/s, ${cpuMs.toFixed(3)} ms CPU each`;

async function measure(
  script: string,
  args: readonly string[],
  name: 'enqueue' | 'presence',
  seconds: number,
): Promise<Load> {
  using folder = temporaryFolder();
  const secrets = join(folder.path, 'secrets');
  mkdirSync(secrets);
  writeFileSync(join(secrets, 'notification-secret'), secret);
  const port = await freePort();
  const child = spawn(process.execPath, [script, ...args, '--port', String(port), '--data', folder.path], {
    env: { ...process.env, NIGHTSHIFT_SECRETS: secrets, TRIGGERS: 'http', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await answers(port);
    await load(port, name, 1);
    const before = cpuMsOf(child);
    const requests = await load(port, name, seconds);
    return { perSecond: requests / seconds, cpuMs: (cpuMsOf(child) - before) / requests };
  } finally {
    child.kill('SIGTERM');
  }
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/_/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error('the server under test is not ready after 10 s');
}

/** Keeps so many requests in flight for some seconds; answers how many were answered well. */
async function load(port: number, name: 'enqueue' | 'presence', seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let answered = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      const response = await ask(port, name);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${name} answered ${response.status}`);
      answered++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return answered;
}

function ask(port: number, name: 'enqueue' | 'presence'): Promise<Response> {
  const base = `http://127.0.0.1:${port}`;
  if (name === 'presence') return fetch(`${base}/presence/LSSTCam/2026-03-05T01%3A02%3A03.456/0/R22_S11`);
  const id = randomBytes(8).toString('hex');
  const object = {
    key: `LSSTCam/20260305/MC_O_20260305_000001/${id}_R22_S11.fits`,
    size: 1,
    eTag: id,
    sequencer: id,
  };
  const record = {
    eventSource: 'ceph:s3',
    eventName: 'ObjectCreated:Put',
    opaqueData: secret,
    s3: { bucket: { name: 'raw' }, object },
  };
  return fetch(`${base}/notify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Records: [record] }),
  });
}

/** User and system time of a process so far, ms; a clock tick of Linux is 10 ms. */
function cpuMsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
