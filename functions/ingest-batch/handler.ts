import { type Context, defineFunction, type Outcome, outcomeOfError, type QueueUnit } from 'openfaas-sdk-ts';
import { z } from 'zod';
import { queueList, webhookList } from '#shared/domain/ingest/lists.ts';
import { ledgerRecord, ledgerTopic } from '#shared/domain/ledger/entry.ts';
import { requireAppended } from '#shared/ports/log-writer.ts';
import { arrivals } from '#shared/wiring/arrivals.ts';
import { butler } from '#shared/wiring/butler.ts';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { workQueue } from '#shared/wiring/work-queue.ts';
import { arrivedEntries, deadlyUnit, judge, limitFailures, type RawFile } from './core.ts';
import { readFile } from './read-file.ts';
import { isWebhook, sendWebhook, webhookItems } from './webhook.ts';

const config = z.object({
  BUCKET: z.string().describe('Bucket whose list is worked off, [profile@]bucket.'),
  MAX_INGESTS: z.coerce.number().int().positive().default(10).describe('Most files in one batch.'),
  MAX_FAILURES: z.coerce
    .number()
    .int()
    .positive()
    .default(3)
    .describe('Attempts after which a file is set aside.'),
  MAX_GUIDER_WAIT: z.coerce
    .number()
    .positive()
    .default(14_400)
    .describe(
      'Seconds after its end for which a guider’s file waits until a science raw has made its exposure.',
    ),
  GROUP_LIFETIME: z.coerce
    .number()
    .int()
    .positive()
    .default(86_400)
    .describe('Seconds for which presence knows a raw.'),
  WEBHOOK_URI: z
    .url()
    .optional()
    .describe('Where the summit is told what is ingested. Absent: nobody is told.'),
});
const ports = {
  raw: objectStore('raw'),
  queue: workQueue,
  arrivals,
  butler,
  ledger: logWriter('prompt'),
};
type IngestContext = Context<z.infer<typeof config>, typeof ports>;

export default defineFunction({
  name: 'ingest-batch',
  summary: 'Makes raw files of a bucket known: to presence at once, then to the Butler and the summit.',
  config,
  ports,
  queue: {
    queue: workQueue,
    names: ({ BUCKET, WEBHOOK_URI }) => [queueList(BUCKET), ...(WEBHOOK_URI ? [webhookList(BUCKET)] : [])],
    batch: ({ MAX_INGESTS }) => MAX_INGESTS,
    limitSeconds: 25,
    // Files end at MAX_FAILURES; this is for what may come oftener: guiders that wait, a summit that does not answer.
    attempts: 100,
    handle: (units, context) => {
      const uri = context.config.WEBHOOK_URI;
      return uri && units.some(isWebhook)
        ? Promise.all(units.map((unit) => sendWebhook(unit, uri)))
        : ingestBatch(units, context);
    },
  },
});

/** Reads file by file, so that a bad one takes no other down, then ingests those that could be read together. */
async function ingestBatch(units: readonly QueueUnit[], context: IngestContext): Promise<Outcome[]> {
  const { MAX_FAILURES } = context.config;
  const failed = (unit: QueueUnit, error: unknown) =>
    limitFailures(outcomeOfError(error, unit.attempt), unit.attempt, MAX_FAILURES);
  const outcomes = new Map<QueueUnit, Outcome>();
  const files: RawFile[] = [];
  await Promise.all(
    units.map(async (unit) => {
      try {
        const spent = deadlyUnit(unit, MAX_FAILURES);
        if (spent) outcomes.set(unit, spent);
        else files.push(await readFile(unit, context));
      } catch (error) {
        // Cut short by the drain or the limit: not the file's failure, and the runtime knows whose.
        if (context.signal.aborted) throw error;
        outcomes.set(unit, failed(unit, error));
      }
    }),
  );
  try {
    for (const [i, outcome] of (await ingestFiles(files, context)).entries())
      outcomes.set(files[i].unit, outcome);
  } catch (error) {
    if (context.signal.aborted) throw error;
    for (const { unit } of files) outcomes.set(unit, failed(unit, error));
  }
  return units.map((unit) => outcomes.get(unit)!);
}

/** Presence first, since alerts wait for it; then the registry, and last those who are told that it is done. */
async function ingestFiles(files: readonly RawFile[], context: IngestContext): Promise<Outcome[]> {
  const { config, ports, time, signal } = context;
  if (files.length === 0) return [];
  await ports.arrivals.announce(
    files.flatMap(({ arrival }) => arrival ?? []),
    config.GROUP_LIFETIME,
  );
  const said = await ports.butler.ingestRaws(files.map(({ record }) => record));
  const ingested = files.filter((_, i) => said[i].kind === 'ingested' || said[i].kind === 'present');
  if (config.WEBHOOK_URI) await ports.queue.push(webhookList(config.BUCKET), webhookItems(ingested));
  const entries = arrivedEntries(ingested, time.wall()).map(ledgerRecord);
  requireAppended(await ports.ledger.append(ledgerTopic, entries, { signal }));
  const patience = { nightMs: time.night(), guiderWaitSeconds: config.MAX_GUIDER_WAIT };
  return files.map((file, i) => judge(file, said[i], patience));
}
