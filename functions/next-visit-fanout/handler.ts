import {
  type Context,
  dead,
  defineFunction,
  done,
  Fault,
  type Outcome,
  outcomeOfError,
  reading,
  type TopicRecord,
} from 'openfaas-sdk-ts';
import { z } from 'zod';
import { unframe } from '#shared/domain/alert/wire.ts';
import { parseSlot } from '#shared/domain/ids/slot.ts';
import { ledgerRecord, ledgerTopic } from '#shared/domain/ledger/entry.ts';
import { decodeNextVisit, type NextVisitEvent } from '#shared/domain/visit/decode-next-visit.ts';
import { requireAppended } from '#shared/ports/log-writer.ts';
import { readInstrumentConfig } from '#shared/wiring/instrument-config.ts';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { schemaRegistry } from '#shared/wiring/schema-registry.ts';
import { topicLog } from '#shared/wiring/topic-log.ts';
import { workStream } from '#shared/wiring/work-stream.ts';
import { planFanOut } from './core.ts';

const config = z.object({
  NEXT_VISIT_TOPIC: z
    .string()
    .default('lsst.sal.ScriptQueue.logevent_nextVisit')
    .describe('Topic of the summit’s nextVisit events.'),
  CONSUMER_GROUP: z.string().default('next-visit-fanout').describe('Consumer group on that topic.'),
  SUPPORTED_INSTRUMENTS: z.string().describe('Instruments that are fanned out, separated by spaces.'),
  INSTRUMENT_CONFIG_FILE: z.string().describe('YAML of instruments and their active detectors.'),
  MESSAGE_EXPIRATION: z.coerce
    .number()
    .positive()
    .default(3600)
    .describe('Age in seconds at which an event is dropped; so long a slot is remembered, too.'),
});
const ports = { stream: workStream('fan-out'), registry: schemaRegistry, ledger: logWriter('prompt') };
type FanOutContext = Context<z.infer<typeof config>, typeof ports>;

export default defineFunction({
  name: 'next-visit-fanout',
  summary: 'Turns each nextVisit event into one work entry a detector, all or none.',
  config,
  ports,
  topic: {
    log: topicLog('next-visit'),
    aside: topicLog('prompt'),
    name: ({ NEXT_VISIT_TOPIC }) => NEXT_VISIT_TOPIC,
    group: ({ CONSUMER_GROUP }) => CONSUMER_GROUP,
    // What is too old is dropped by its age, so that nothing is skipped that came while nobody listened.
    from: 'earliest',
    batch: 10,
    limitSeconds: 10,
    async handle(records, context) {
      const outcomes: Outcome[] = [];
      // In order: what was announced first is worked on first.
      for (const record of records) outcomes.push(await fanOut(record, context).catch(outcomeOfError));
      return outcomes;
    },
  },
});

async function fanOut(record: TopicRecord, context: FanOutContext): Promise<Outcome> {
  const { config, ports, time, log, signal } = context;
  const event = await decode(record, context);
  const active = readInstrumentConfig(config.INSTRUMENT_CONFIG_FILE);
  const supported = config.SUPPORTED_INSTRUMENTS.split(/\s+/);
  const plan = planFanOut(event, event.private_efdStamp, {
    nightMs: time.night(),
    expirationSeconds: config.MESSAGE_EXPIRATION,
    active: new Map([...active].filter(([name]) => supported.includes(name))),
  });
  if (plan.kind === 'refuse') return dead(plan.why);
  if (plan.kind === 'drop') {
    log.warn({ group: event.groupId, why: plan.why }, 'a nextVisit event is dropped');
    return done;
  }
  const { stream, group, entries } = plan;
  await ports.stream.appendAll(stream, entries, { group, dedupeSeconds: config.MESSAGE_EXPIRATION });
  const wanted = entries.map(({ item }) =>
    ledgerRecord({
      step: 'wanted',
      slot: item,
      detector: parseSlot(item).detector,
      attempt: 1,
      timeMs: time.wall(),
    }),
  );
  requireAppended(await ports.ledger.append(ledgerTopic, wanted, { signal }));
  return done;
}

async function decode(record: TopicRecord, { ports }: FanOutContext): Promise<NextVisitEvent> {
  const what = `The nextVisit event at offset ${record.offset}`;
  const { schemaId, body } = reading(what, () => unframe(record.value));
  const schema = await ports.registry.schemaById(schemaId);
  if (!schema)
    throw new Fault(
      'NS_RECORD_UNREADABLE',
      `${what} names the schema ${schemaId}, which the registry does not have.`,
    );
  return reading(what, () => decodeNextVisit(schemaId, schema, body));
}
