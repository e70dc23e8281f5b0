import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { TopicRecord } from 'openfaas-sdk-ts';
import { readDiaSourceId } from '#shared/domain/alert/header.ts';
import { decodeAlert } from '#shared/domain/alert/packet.ts';
import { jsonText } from '#shared/domain/json/text.ts';
import type { LogReader } from '#shared/ports/log-reader.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { defaultData, withPort } from './open-port.ts';

interface ConsumeOptions {
  readonly topic: string;
  readonly from: 'earliest' | 'latest' | Date;
  readonly count?: number;
  readonly data: string;
  readonly out?: string;
  readonly follow?: boolean;
}

export const consumeCommand = (): Command =>
  new Command('consume')
    .description(
      'Reads alerts from the public topic: one JSON line each, or the packets as they went over the wire.',
    )
    .option('--topic <topic>', 'topic', 'lsst-alerts-v11')
    .option('--from <place>', 'earliest, latest, or a time (ISO 8601, UTC)', parseFrom, 'earliest' as const)
    .option('--count <n>', 'stop after this many', parseCount)
    .option('--data <folder>', 'data folder of the night', defaultData)
    .option('--out <folder>', 'write each packet to {alert id}.wire (and {alert id}.2.wire for a second one)')
    .option('--follow', 'wait for more at the end of the topic')
    .addHelpText(
      'after',
      `
Examples:
  nightshift consume --count 3
  nightshift consume --from 2026-11-21T04:00:00Z --out packets/
  nightshift consume --from latest --follow | jq .diaSource.psfFlux`,
    )
    .action((options: ConsumeOptions) =>
      withPort(logReader('public'), options.data, (log) => consume(log, options)),
    );

function parseFrom(text: string): ConsumeOptions['from'] {
  if (text === 'earliest' || text === 'latest') return text;
  // A time without a zone is UTC, whatever zone the machine is in.
  const time = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);
  if (Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError(
      `'${text}' is not earliest, latest or a time such as 2026-11-21T04:00:00Z.`,
    );
  }
  return time;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError(`'${text}' is not a number of alerts.`);
  return Number(text);
}

async function consume(log: LogReader, options: ConsumeOptions): Promise<void> {
  const write = options.out ? packetWriter(options.out) : printAlert;
  let left = options.count ?? Number.POSITIVE_INFINITY;
  for await (const record of records(log, options)) {
    write(record);
    if (--left === 0) return;
  }
}

/** Records of all partitions from the place that was asked for, to the end that is there now (or on and on). */
async function* records(
  log: LogReader,
  { topic, from, follow }: ConsumeOptions,
): AsyncGenerator<TopicRecord> {
  const next = await startOffsets(log, topic, from);
  do {
    for (const { partition, begin, end } of await log.partitions(topic)) {
      const start = next.get(partition) ?? begin;
      for await (const record of log.read(topic, { partition, from: start, until: end })) yield record;
      next.set(partition, end);
    }
    if (follow) await sleep(500);
  } while (follow);
}

async function startOffsets(
  log: LogReader,
  topic: string,
  from: ConsumeOptions['from'],
): Promise<Map<number, bigint>> {
  if (from instanceof Date) {
    const offsets = await log.offsetsAt(topic, from.getTime());
    return new Map(offsets.map(({ partition, offset }) => [partition, offset]));
  }
  const ranges = await log.partitions(topic);
  return new Map(ranges.map(({ partition, begin, end }) => [partition, from === 'earliest' ? begin : end]));
}

/** One line an alert: its fields with ids as text; stamps by their size. */
function printAlert(record: TopicRecord): void {
  process.stdout.write(`${jsonText(decodeAlert(record.value))}\n`);
}

function packetWriter(folder: string): (record: TopicRecord) => void {
  mkdirSync(folder, { recursive: true });
  const seen = new Map<bigint, number>();
  return (record) => {
    const id = readDiaSourceId(record.value);
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    writeFileSync(join(folder, times === 1 ? `${id}.wire` : `${id}.${times}.wire`), record.value);
  };
}
