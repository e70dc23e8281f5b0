import { defineFunction, type Outcome, retry, type TopicRecord } from 'openfaas-sdk-ts';
import { z } from 'zod';
import { bundleKey, bundleTopic, parseNotice } from '#shared/domain/alert/bundle.ts';
import { ledgerRecord, ledgerTopic } from '#shared/domain/ledger/entry.ts';
import { requireAppended } from '#shared/ports/log-writer.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { topicLog } from '#shared/wiring/topic-log.ts';
import { judge, openBundle, publicRecord } from './core.ts';
import { idsSentBefore } from './read-back.ts';

const alertPublish = defineFunction({
  name: 'alert-publish',
  summary: 'Publishes announced bundles on the public topic, each alert once.',
  config: z.object({
    AP_KAFKA_TOPIC: z
      .string()
      .default('lsst-alerts-v11')
      .describe('Public topic of the alerts; its name carries the major version of the schema.'),
  }),
  ports: {
    products: objectStore('products'),
    publicWriter: logWriter('public'),
    publicReader: logReader('public'),
    ledger: logWriter('prompt'),
  },
  topic: {
    log: topicLog('prompt'),
    name: bundleTopic,
    group: 'alert-publish',
    from: 'earliest',
    batch: 16,
    limitSeconds: 10,
    async handle(records, context) {
      const outcomes: Outcome[] = [];
      // One after another: a bundle may hold tens of megabytes.
      for (const record of records) outcomes.push(await publish(record, context));
      return outcomes;
    },
  },
});

export default alertPublish;

type PublishContext = Parameters<NonNullable<typeof alertPublish.topic>['handle']>[1];

async function publish(record: TopicRecord, context: PublishContext): Promise<Outcome> {
  const { ports, config, signal, time } = context;
  const notice = parseNotice(record.value);
  const key = bundleKey(notice);
  const bytes = await ports.products.get(key, { signal });
  if (!bytes) return retry(5, `The bundle ${notice.uri} is not in the bucket.`);
  const packets = openBundle(notice, bytes);
  const sent = await idsSentBefore({ ...ports, topic: config.AP_KAFKA_TOPIC, bundle: key, packets, signal });
  const rest = packets.filter((packet) => !sent.has(packet.diaSourceId));
  const now = time.wall();
  const outcomes = await ports.publicWriter.append(
    config.AP_KAFKA_TOPIC,
    rest.map((packet) => publicRecord(packet, now)),
    { signal },
  );
  const outcome = judge(rest, outcomes);
  if (outcome.kind !== 'done') return outcome;
  const { slot, visit, detector, attempt } = notice;
  const counts = { alerts: packets.length, foundAgain: sent.size };
  const entry = { step: 'published', slot, visit, detector, attempt, timeMs: time.wall(), counts } as const;
  requireAppended(await ports.ledger.append(ledgerTopic, [ledgerRecord(entry)], { signal }));
  return outcome;
}
