import { z } from 'zod';
import { logReader } from '#shared/wiring/log-reader.ts';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { presence } from '#shared/wiring/presence.ts';
import { satelliteGate } from '#shared/wiring/satellite-gate.ts';
import { seal } from '#shared/wiring/seal.ts';
import { sourceStore } from '#shared/wiring/source-store.ts';
import { workStream } from '#shared/wiring/work-stream.ts';

const seconds = z.coerce.number().nonnegative();
const part = z.coerce.number().min(0).max(1);

/** Environment of process-detector: the original's names where the original has the variable. */
export const config = z.object({
  RUBIN_INSTRUMENT: z.string().describe('Instrument whose stream is worked off, as LSSTCam.'),
  REDIS_STREAM_NAME: z.string().optional().describe('Stream; default instrument:{lower-case instrument}.'),
  REDIS_STREAM_CONSUMER_GROUP: z
    .string()
    .optional()
    .describe('Consumer group; default {lower-case instrument}_consumer_group.'),
  MESSAGE_EXPIRATION: seconds
    .default(3600)
    .describe('Age in seconds at which a nextVisit is no longer worked on.'),
  IMAGE_TIMEOUT: seconds.default(120).describe('Seconds to wait for a raw beyond twice the script duration.'),
  PRELOAD_PADDING: seconds.default(50.1).describe('Arc seconds by which the predicted region is padded.'),
  REFERENCE_CATALOG: z
    .string()
    .default('nightshift')
    .describe('Name of the reference catalogue under refcats/.'),
  RELEASE_ID: z.coerce
    .number()
    .int()
    .min(0)
    .max(63)
    .default(1)
    .describe('Release number in every id (1: prompt).'),
  ASSOCIATION_WAIT: z
    .union([z.literal('unlimited'), seconds])
    .default(30)
    .describe('Seconds to wait for earlier visits of the same sky before associating; or unlimited.'),
  HISTORY_DAYS: seconds.default(360).describe('Days of history that association reads and alerts carry.'),
  GATE_PENDING_MAX: seconds
    .default(86400)
    .describe('Seconds after which work that the gate never answered is withheld.'),
  SATTLE_HISTORICAL: z
    .stringbool()
    .default(false)
    .describe(
      'true: visits of past nights, which the gate judges by the catalogue nearest to the exposure (reprocessing).',
    ),
  TRAIL_LIMIT_DEG_PER_DAY: z.coerce
    .number()
    .positive()
    .default(10)
    .describe(
      'Degrees a day against the stars from which a source, or one whose speed cannot be told, is dropped (DMTN-199).',
    ),
  EMBARGO_HOURS: seconds
    .default(80)
    .describe(
      'Hours after the exposure for which the headers of difference and calibrated images say that their pixels are embargoed (DMTN-199); 0: none.',
    ),
  MIN_RELIABILITY: part
    .default(0.5)
    .describe('Sources of a lower reliability are dropped and counted before association (0 to 1).'),
  NEW_OBJECT_RELIABILITY_THRESHOLD: part
    .default(0.1)
    .describe('Reliability that a source needs to start an object of its own (0 to 1).'),
  BUTLER_WRITER_KAFKA_TOPIC: z.string().default('butler-writer').describe('Topic of the pp-output messages.'),
  BUCKET_TOPIC: z
    .string()
    .optional()
    .describe('Topic of the raw bucket’s created events, the fallback when presence is down.'),
});

export type Config = z.infer<typeof config>;

export const ports = {
  raw: objectStore('raw'),
  products: objectStore('products'),
  presence,
  notifications: logReader('s3-events'),
  sources: sourceStore,
  stream: workStream('process'),
  gate: satelliteGate,
  seal,
  log: logWriter('prompt'),
};
