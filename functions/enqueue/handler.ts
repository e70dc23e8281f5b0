import {
  type Context,
  defineFunction,
  done,
  Fault,
  limitBody,
  outcomeOfError,
  reading,
} from 'openfaas-sdk-ts';
import { z } from 'zod';
import { type ParsedRecord, parseRecords } from '#shared/domain/ingest/notification.ts';
import { topicLog } from '#shared/wiring/topic-log.ts';
import { workQueue } from '#shared/wiring/work-queue.ts';
import { type Info, planEvent, type Rules } from './core.ts';

/** A record is about 1 KB; a manual trigger names some 200 files. */
const longestBody = 4 * 1024 * 1024;

const config = z.object({
  NOTIFICATION_SECRET: z
    .string()
    .min(1)
    .optional()
    .describe('Shared secret: OpaqueData of the bucket’s topic. Needed by the HTTP trigger.')
    .meta({ secret: true }),
  DATASET_REGEXP: z
    .string()
    .default('fits$')
    .describe('Searched in profile@bucket/key; what does not match is ignored.'),
  PROFILE: z.string().optional().describe('Profile put before every bucket, as in profile@bucket.'),
  KAFKA_TOPIC: z
    .string()
    .default('rubin-summit-notification')
    .describe('Topic of S3 events, for the topic trigger.'),
});
const ports = { queue: workQueue };
type EnqueueContext = Context<z.infer<typeof config>, typeof ports>;

export default defineFunction({
  name: 'enqueue',
  summary: 'Takes bucket notifications and puts each new raw file into its queue, once.',
  config,
  ports,
  http(app, context) {
    const secret = context.config.NOTIFICATION_SECRET;
    if (!secret) {
      throw new Fault(
        'NS_CONFIGURATION',
        'NOTIFICATION_SECRET is missing, without which anybody could enqueue: put it into the secret file notification-secret.',
      );
    }
    app.post('/notify', limitBody(longestBody), async (reply) => {
      const body = await reply.req.text();
      const records = reading('The notification', () => parseRecords(JSON.parse(body)));
      // The configuration is read at each request, since a secret file may change.
      return reply.json(await enqueue(records, context, context.config.NOTIFICATION_SECRET));
    });
  },
  topic: {
    log: topicLog('s3-events'),
    aside: topicLog('prompt'),
    name: ({ KAFKA_TOPIC }) => KAFKA_TOPIC,
    group: 'embargo-butler-enqueue',
    from: 'earliest',
    batch: 100,
    limitSeconds: 20,
    handle: (messages, context) =>
      Promise.all(
        messages.map(async ({ value, offset }) => {
          try {
            const parse = () => parseRecords(JSON.parse(Buffer.from(value).toString()));
            await enqueue(reading(`The notification at offset ${offset}`, parse), context, undefined);
            return done;
          } catch (error) {
            return outcomeOfError(error);
          }
        }),
      ),
  },
});

/** Queues what is to be queued, list by list; sets aside what cannot be read; answers the accepted ones. */
async function enqueue(
  records: readonly ParsedRecord[],
  { config, ports, time, log }: EnqueueContext,
  secret: string | undefined,
): Promise<Info[]> {
  const rules: Rules = { secret, pattern: new RegExp(config.DATASET_REGEXP), profile: config.PROFILE };
  const plans = records.map((record) =>
    record.event ? planEvent(record.event, rules, time.wall()) : ({ kind: 'skip', why: record.why } as const),
  );
  const queued = plans.filter((plan) => plan.kind === 'queue');
  for (const [list, group] of Map.groupBy(queued, (plan) => plan.list)) {
    await ports.queue.push(
      list,
      group.map(({ item }) => item),
    );
  }
  for (const plan of plans) {
    if (plan.kind === 'aside') await ports.queue.setAside(plan.list, plan.path, plan.why);
    if (plan.kind === 'skip' && plan.why !== 'filtered')
      log.warn({ why: plan.why }, 'a notification record is skipped');
  }
  return queued.map(({ info }) => info);
}
