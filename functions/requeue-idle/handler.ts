import { type Context, defineFunction } from 'openfaas-sdk-ts';
import { z } from 'zod';
import { queueList, webhookList } from '#shared/domain/ingest/lists.ts';
import { workStreamName } from '#shared/domain/visit/work-stream-name.ts';
import { arrivals } from '#shared/wiring/arrivals.ts';
import { butler } from '#shared/wiring/butler.ts';
import { leases } from '#shared/wiring/leases.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { workQueue } from '#shared/wiring/work-queue.ts';
import { workStream } from '#shared/wiring/work-stream.ts';
import { dayFolders, rawObject } from './core.ts';
import { reconcile } from './reconcile.ts';
import { nextPage, type Sweep } from './sweep.ts';

const positive = z.coerce.number().int().positive();

const config = z.object({
  BUCKET: z
    .string()
    .describe(
      'Bucket whose lists are watched and whose raws are compared with the registry, [profile@]bucket.',
    ),
  SUPPORTED_INSTRUMENTS: z
    .string()
    .describe('Instruments whose streams and day folders are watched, separated by spaces.'),
  DATASET_REGEXP: z
    .string()
    .default('fits$')
    .describe('Searched in profile@bucket/key; what does not match is no raw. The same as that of enqueue.'),
  GROUP_LIFETIME: positive.default(86_400).describe('Seconds for which presence knows a raw.'),
  RECONCILE_DAYS: positive
    .default(2)
    .describe('Observing days whose folders are compared, the current one included.'),
  RECONCILE_OBJECTS: positive
    .default(5000)
    .describe('Objects of the bucket that one tick looks at; the next one goes on.'),
  RECONCILE_AGE: positive
    .default(60)
    .describe('Seconds after which a raw should have been announced; younger ones are left alone.'),
});
const ports = {
  raw: objectStore('raw'),
  queue: workQueue,
  stream: workStream('process'),
  arrivals,
  butler,
};
type RequeueContext = Context<z.infer<typeof config>, typeof ports>;

export default defineFunction({
  name: 'requeue-idle',
  summary: 'Gives abandoned work back to its queue or stream, and queues raws that nobody announced.',
  config,
  ports,
  timer: {
    leases: leases('ingest'),
    // The original's period.
    everySeconds: 10,
    limitSeconds: 25,
    async tick(context) {
      // What one of them depends on may be down; the others go on all the same.
      const done = await Promise.allSettled([
        reclaimLists(context),
        reclaimStreams(context),
        compareBucket(context),
      ]);
      const failures = done.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      for (const failure of failures.slice(1))
        context.log.warn({ err: failure }, 'another part of the tick failed');
      if (failures.length > 0) throw failures[0];
    },
  },
});

async function reclaimLists({ config, ports, log }: RequeueContext): Promise<void> {
  for (const list of [queueList(config.BUCKET), webhookList(config.BUCKET)]) {
    const given = await ports.queue.reclaim(list);
    if (given > 0) log.warn({ list, given }, 'abandoned items are back in their list');
  }
}

async function reclaimStreams({ config, ports, log }: RequeueContext): Promise<void> {
  for (const instrument of instrumentsOf(config)) {
    const { stream, group } = workStreamName(instrument);
    const given = await ports.stream.reclaim(stream, { group });
    if (given > 0) log.warn({ stream, given }, 'abandoned entries are back on their stream');
  }
}

/** Where the launch with these ports is in its way through the bucket. */
const sweeps = new WeakMap<RequeueContext['ports'], Sweep>();

async function compareBucket(context: RequeueContext): Promise<void> {
  const { config, ports, time, signal } = context;
  const sweep = sweeps.get(ports) ?? { folder: 0 };
  sweeps.set(ports, sweep);
  const folders = dayFolders(instrumentsOf(config), time.night(), config.RECONCILE_DAYS);
  const page = await nextPage(sweep, folders, config.RECONCILE_OBJECTS, { raw: ports.raw, signal });
  const pattern = new RegExp(config.DATASET_REGEXP);
  const oldest = time.wall() - config.RECONCILE_AGE * 1000;
  const raws = page
    .filter(({ modifiedMs }) => modifiedMs < oldest)
    .flatMap((object) => rawObject(object, config.BUCKET, pattern) ?? []);
  await reconcile(raws, time.wall(), context);
}

const instrumentsOf = ({ SUPPORTED_INSTRUMENTS }: { SUPPORTED_INSTRUMENTS: string }): string[] =>
  SUPPORTED_INSTRUMENTS.split(/\s+/).filter((name) => name !== '');
