import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnyFunction,
  type Closable,
  type Environment,
  Fault,
  type RunningFunction,
  realTime,
  startFunction,
  type Time,
  type Wiring,
} from 'openfaas-sdk-ts';
import pino from 'pino';
import { onTestFailed, onTestFinished } from 'vitest';
import { testFolder } from './folders.ts';

/** A data folder of the running test's own, and what can be run on it in this process. */
export interface EmbeddedWorld {
  readonly data: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Opens a port by its wiring, as a function would; closed with the test. */
  open<Port extends Closable>(wiring: Wiring<Port>): Promise<Port>;
  /** Starts a function, waits until it is ready, and stops it with the test. `lines` are its log. */
  start(
    fn: AnyFunction,
    options?: { environment?: Readonly<Record<string, string>>; time?: Partial<Time> },
  ): Promise<RunningFunction & { readonly lines: Record<string, unknown>[] }>;
}

/** The embedded default, with SimCam's nine detectors active and the bucket `raw`. */
export function embeddedWorld(): EmbeddedWorld {
  const data = testFolder();
  const instruments = join(data, 'instruments.yaml');
  const active = Array.from({ length: 9 }, (_, number) => `    ${number}: true`).join('\n');
  writeFileSync(instruments, `detectors:\n  SimCam:\n${active}\n`);
  const environment: Record<string, string> = {
    NIGHTSHIFT_DATA: data,
    NIGHTSHIFT_SECRETS: join(data, 'secrets'),
    NOTIFICATION_SECRET: 'a secret of the test',
    INSTRUMENT_CONFIG_FILE: instruments,
    SUPPORTED_INSTRUMENTS: 'SimCam',
    IMAGE_BUCKET: 'raw',
    BUCKET: 'raw',
    LOG_LEVEL: 'debug',
  };
  return {
    data,
    environment,
    async open(wiring) {
      const lookUp: Environment = (name) => environment[name];
      const context = { environment: lookUp, log: pino({ level: 'silent' }), functionName: 'test' };
      const port = await wiring.open(context);
      onTestFinished(() => port.close());
      return port;
    },
    async start(fn, options = {}) {
      const lines: Record<string, unknown>[] = [];
      const running = startFunction(fn, {
        environment: { ...environment, ...options.environment },
        time: { ...realTime, ...options.time },
        logTo: { write: (line) => void lines.push(JSON.parse(line)) },
      });
      onTestFinished(() => running.stop());
      onTestFailed(() => console.log(lines));
      await running.ready();
      return { ...running, lines };
    },
  };
}

/** A wiring whose port, opened as it is, does not answer while `outage.down`. */
export function interruptible<Port extends Closable>(
  wiring: Wiring<Port>,
  outage: { down: boolean },
): Wiring<Port> {
  return {
    ...wiring,
    async open(context) {
      const port = await wiring.open(context);
      return new Proxy(port, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function' || name === 'close' || !outage.down) return member;
          return () => {
            throw new Fault('NS_DEPENDENCY_UNAVAILABLE', `${wiring.port} does not answer.`, {
              dependency: wiring.port,
            });
          };
        },
      });
    },
  };
}
