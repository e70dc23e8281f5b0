import {
  type AnyFunction,
  type Closable,
  type RunningFunction,
  realTime,
  startFunction,
  type Time,
  type TopicSink,
  type TopicSource,
  type Wiring,
} from 'openfaas-sdk-ts';
import { onTestFailed, onTestFinished } from 'vitest';
import { sqliteLeases } from '#shared/drivers/sqlite/leases.ts';
import { sqliteLogReader } from '#shared/drivers/sqlite/log-reader.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';
import { sqliteWorkQueue } from '#shared/drivers/sqlite/work-queue.ts';
import { sqliteWorkStream } from '#shared/drivers/sqlite/work-stream.ts';
import { testFolder } from '../support/folders.ts';

/** The triggers' sources on one bus.sqlite, opened once more by the test itself to feed and read them. */
export async function sourcesOnSqlite(data = testFolder()) {
  const sources = {
    queue: await sqliteWorkQueue({ data }),
    stream: await sqliteWorkStream({ data }),
    leases: await sqliteLeases({ data }),
    reader: await sqliteLogReader({ data }),
    writer: await sqliteLogWriter({ data }),
  };
  onTestFinished(async () => {
    for (const source of Object.values(sources)) await source.close();
  });
  return {
    ...sources,
    data,
    wirings: {
      queue: wiring('work-queue', () => sqliteWorkQueue({ data })),
      stream: wiring('work-stream', () => sqliteWorkStream({ data })),
      leases: wiring('leases', () => sqliteLeases({ data })),
      log: wiring('topic-log', () => logOnSqlite(data)),
    },
  };
}

async function logOnSqlite(data: string): Promise<TopicSource & TopicSink & Closable> {
  const reader = await sqliteLogReader({ data });
  const writer = await sqliteLogWriter({ data });
  return {
    consume: reader.consume,
    lag: reader.lag,
    append: writer.append,
    close: async () => {
      await reader.close();
      await writer.close();
    },
  };
}

export const wiring = <Port extends Closable>(port: string, open: () => Promise<Port>): Wiring<Port> => ({
  port,
  role: 'test',
  variables: {},
  choose: () => ({ driver: 'sqlite', why: 'the test says so' }),
  open,
});

/** Starts a function, waits until it is ready, and stops it with the test. `lines` are its log. */
export async function started(
  spec: AnyFunction,
  environment: Readonly<Record<string, string>> = {},
  time: Time = realTime,
): Promise<RunningFunction & { readonly lines: Record<string, unknown>[] }> {
  const lines: Record<string, unknown>[] = [];
  const logTo = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const fn = startFunction(spec, { environment, logTo, time });
  onTestFinished(() => fn.stop());
  onTestFailed(() => console.log(lines));
  await fn.ready();
  return { ...fn, lines };
}

/** The value of one metric, or undefined; `labels` as `trigger="queue"`. */
export async function metric(fn: RunningFunction, name: string, labels: string): Promise<number | undefined> {
  const text = await (await fn.app.request('/metrics')).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name}{`) && each.includes(labels));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}
