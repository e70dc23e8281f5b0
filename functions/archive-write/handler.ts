import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  type Context,
  defineFunction,
  done,
  Fault,
  outcomeOfError,
  reading,
  type TopicRecord,
} from 'openfaas-sdk-ts';
import { z } from 'zod';
import { alertKey, schemaKey } from '#shared/domain/alert/archive-key.ts';
import { type AlertHeader, readHeader } from '#shared/domain/alert/header.ts';
import { ledgerRecord, ledgerTopic } from '#shared/domain/ledger/entry.ts';
import { requireAppended } from '#shared/ports/log-writer.ts';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { schemaRegistry } from '#shared/wiring/schema-registry.ts';
import { topicLog } from '#shared/wiring/topic-log.ts';
import { archivedEntries } from './core.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);
const config = z.object({
  AP_KAFKA_TOPIC: z.string().default('lsst-alerts-v11').describe('Public topic whose alerts are archived.'),
});
const ports = { archive: objectStore('archive'), registry: schemaRegistry, ledger: logWriter('prompt') };
type ArchiveContext = Context<z.infer<typeof config>, typeof ports>;

export default defineFunction({
  name: 'archive-write',
  summary: 'Puts every alert of the public topic into the archive, and each schema once.',
  config,
  ports,
  topic: {
    log: topicLog('public'),
    aside: topicLog('prompt'),
    name: ({ AP_KAFKA_TOPIC }) => AP_KAFKA_TOPIC,
    group: 'archive-write',
    from: 'earliest',
    batch: 100,
    limitSeconds: 20,
    async handle(records, context) {
      const { signal } = context;
      const archived = await Promise.allSettled(records.map((record) => archive(record, context)));
      const headers = archived.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const entries = archivedEntries(headers, context.time.wall()).map(ledgerRecord);
      requireAppended(await context.ports.ledger.append(ledgerTopic, entries, { signal }));
      return archived.map((result) => (result.status === 'fulfilled' ? done : outcomeOfError(result.reason)));
    },
  },
});

async function archive(record: TopicRecord, { ports, log, signal }: ArchiveContext): Promise<AlertHeader> {
  const header = reading(`Record ${record.offset} of ${record.topic}`, () => readHeader(record.value));
  await keepSchema(header.schemaId, ports);
  const key = alertKey(header.diaSourceId);
  const { stored } = await ports.archive.put(key, await compress(record.value), { ifAbsent: true, signal });
  if (!stored) {
    // A second packet of one id is a repeat after a kill, or a second alert; the first one stays, and the log tells.
    const first = await decompress((await ports.archive.get(key, { signal })) ?? new Uint8Array());
    if (!first.equals(record.value))
      log.error({ id: String(header.diaSourceId) }, 'archive: a different packet of this id');
  }
  return header;
}

const kept = new Map<number, Promise<void>>();

/** The schema's text stands beside the alerts before the first of them does; asked for once a process. */
function keepSchema(id: number, ports: ArchiveContext['ports']): Promise<void> {
  const keeping = kept.get(id) ?? putSchema(id, ports);
  kept.set(id, keeping);
  keeping.catch(() => kept.delete(id));
  return keeping;
}

async function putSchema(id: number, { registry, archive }: ArchiveContext['ports']): Promise<void> {
  const schema = await registry.schemaById(id);
  if (!schema)
    throw new Fault('NS_RECORD_UNREADABLE', `The registry has no schema ${id}, which an alert names.`);
  await archive.put(schemaKey(id), Buffer.from(schema), { ifAbsent: true });
}
