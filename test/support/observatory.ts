import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault } from 'openfaas-sdk-ts';
import pino from 'pino';
import { type Alert, decodeAlert } from '#shared/domain/alert/packet.ts';
import type { Instrument } from '#shared/domain/ids/instruments.ts';
import { checkNight, type Evidence } from '#shared/domain/ledger/check.ts';
import type { DetectorAccount } from '#shared/domain/ledger/fold.ts';
import type { LogWriter } from '#shared/ports/log-writer.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { allRecords } from '../../cli/all-records.ts';
import { gatherEvidence } from '../../cli/gather-evidence.ts';
import { readLedger } from '../../cli/ledger.ts';
import { environmentOf, withPort } from '../../cli/open-port.ts';
import { superviseChildren } from '../../cli/supervisor/children.ts';
import { childEnvironment, type NightOptions, prepareFolder } from '../../cli/supervisor/environment.ts';
import { writeNight } from '../../cli/supervisor/night-file.ts';
import { registerInstrument } from '../../cli/supervisor/register-instrument.ts';
import { freePort, gatewayAnswers } from '../../cli/supervisor/supervise.ts';
import { temporaryFolder } from './night.ts';

const publicTopic = 'lsst-alerts-v11';
const nextVisitTopic = 'lsst.sal.ScriptQueue.logevent_nextVisit';

export interface ObservatoryOptions {
  readonly instrument: Instrument;
  /** Detectors that take part, by number. */
  readonly detectors: readonly number[];
  /** Where the night's clock begins, Unix ms; it goes on as fast as ours. */
  readonly originMs: number;
  /** Variables of all children, over those that `night` would give them; they may need the gateway's address. */
  readonly environment?: (gateway: string, data: string) => NodeJS.ProcessEnv;
  /** Processes of process-detector; one, if not told. */
  readonly workers?: number;
  /** Folder of the night, where it is to be somewhere else than in a temporary one. */
  readonly data?: string;
}

/** The services and one worker on a data folder, without a telescope: what is observed, the test says. */
export interface Observatory extends AsyncDisposable {
  readonly data: string;
  /** `http://127.0.0.1:port` */
  readonly gateway: string;
  readonly secret: string;
  readonly raws: ObjectStore;
  readonly products: ObjectStore;
  /** Appends a record to the topic of nextVisit, whatever is in it. */
  announce(record: Uint8Array): Promise<void>;
  /** All log lines of the children so far. */
  log(): string;
  /** Units that were given back to wait for a dependency, with the attempt that each was. */
  holds(): { readonly fn: string; readonly attempt: number; readonly why: string }[];
  heldTimes(times: number): Promise<unknown>;
  accounts(): Promise<DetectorAccount[]>;
  evidence(): Promise<Evidence>;
  /** Packets of the public topic, by their order there. */
  packets(): Promise<Uint8Array[]>;
  alerts(): Promise<Alert[]>;
  /** Kills the children of a role at once, as a machine out of memory does; they are started again. */
  kill(role: 'services' | 'process-detector'): void;
  /** Waits until a look at the night is as wanted. @throws Error with the last look and the log where it never is. */
  until<T>(what: string, seconds: number, look: () => Promise<T | false | undefined>): Promise<T>;
  /** Waits until all that arrived is closed or dead, and published alerts are archived; answers the evidence. */
  settled(seconds: number): Promise<Evidence>;
}

/** Ids of this process's children that have a role in this night, from Linux's table of processes. */
function childrenOf(role: string, data: string): number[] {
  const tasks = readdirSync('/proc/self/task');
  const ids = tasks.flatMap((task) => {
    const text = readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ');
  });
  const has = (id: string, file: 'cmdline' | 'environ', item: string): boolean =>
    readFileSync(`/proc/${id}/${file}`, 'utf8').split('\0').includes(item);
  return ids
    .filter((id) => has(id, 'cmdline', role) && has(id, 'environ', `NIGHTSHIFT_DATA=${data}`))
    .map(Number);
}

export async function openObservatory(options: ObservatoryOptions): Promise<Observatory> {
  const folder = temporaryFolder();
  const data = options.data ?? join(folder.path, 'night');
  const port = await freePort();
  const gateway = `http://127.0.0.1:${port}`;
  const night: NightOptions = { ...options, data, port, patient: true };
  prepareFolder(night);
  const { name: camera } = options.instrument;
  writeNight(data, { camera, seed: 0, originMs: options.originMs, atMs: Date.now(), speed: 1 });
  await registerInstrument(night);
  const lines: string[] = [];
  const children = superviseChildren((line) => lines.push(line));
  const environment = { ...childEnvironment(night), ...options.environment?.(gateway, data) };
  children.keep('services', environment);
  for (let index = 0; index < (options.workers ?? 1); index++) children.keep('process-detector', environment);
  await gatewayAnswers(port, AbortSignal.timeout(60_000));
  const context = {
    environment: environmentOf(data),
    log: pino({ level: 'warn' }, pino.destination(2)),
    functionName: 'observatory',
  };
  const [raws, products] = [
    await objectStore('raw').open(context),
    await objectStore('products').open(context),
  ];
  const summit: LogWriter = await logWriter('next-visit').open(context);
  const evidence = () => gatherEvidence(data, publicTopic);
  const packets = () =>
    withPort(logReader('public'), data, async (log) =>
      (await Array.fromAsync(allRecords(log, publicTopic))).map(({ value }) => value),
    );

  const observatory: Observatory = {
    data,
    gateway,
    secret: readFileSync(join(data, 'secrets', 'notification-secret'), 'utf8').trim(),
    raws,
    products,
    async announce(record) {
      // One key, one partition: visits come in the order of their announcement.
      const [outcome] = await summit.append(nextVisitTopic, [{ key: 'summit', value: record }]);
      if (!outcome?.ok) throw outcome?.fault ?? new Error('The summit’s log gave no outcome.');
    },
    log: () => lines.join('\n'),
    holds: () => lines.filter((line) => line.includes('"outcome":"hold"')).map((line) => JSON.parse(line)),
    heldTimes: (times) =>
      observatory.until(`${times} units given back`, 60, async () => observatory.holds().length >= times),
    accounts: () => withPort(logReader('prompt'), data, readLedger),
    evidence,
    packets,
    alerts: async () => (await packets()).map(decodeAlert),
    kill(role) {
      for (const pid of childrenOf(role, data)) process.kill(pid, 'SIGKILL');
    },
    async until(what, seconds, look) {
      const deadline = performance.now() + seconds * 1000;
      for (;;) {
        const found = await look();
        if (found !== false && found !== undefined) return found;
        if (performance.now() > deadline)
          throw new Error(`${what}: not within ${seconds} s.\n${lines.slice(-40).join('\n')}`);
        await sleep(200);
      }
    },
    settled: (seconds) =>
      observatory.until('All that arrived is closed or dead', seconds, async () => {
        const now = await evidence().catch((error): undefined => {
          // A service that has just come back may need another moment.
          if (!isFault(error) || error.blame !== 'dependency') throw error;
        });
        if (!now) return false;
        const { counts } = checkNight(now);
        return now.unfinished.size === 0 && counts.lost === 0 && now;
      }),
    async [Symbol.asyncDispose]() {
      await children.stop();
      await Promise.all([raws.close(), products.close(), summit.close()]);
      folder[Symbol.dispose]();
    },
  };
  return observatory;
}
