import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { Fault, type TopicBatch, type TopicRecord } from 'openfaas-sdk-ts';
import { effect } from '../effects.ts';
import { isCoordinatorAway, kafkaFault, protocolErrors, rebalanceIn } from './faults.ts';
import { type GroupPlace, keepPlace } from './group-place.ts';

/** A member that has not been heard of for so long is out of its group: 11 s until another one takes over. */
const SESSION_MS = 10_000;
/** How long a rebalance waits for a member that is in mid-work. */
const REBALANCE_MS = 60_000;
/** A fetch returns as soon as there is a record; without one it ends after this, and so does the wait of a drain. */
const FETCH_WAIT_MS = 1000;

interface Consumption extends GroupPlace {
  readonly group: string;
  readonly batch: number;
  readonly signal: AbortSignal;
}

/** Consumes as a member of a group until the signal aborts, the handler throws or Kafka fails. */
export async function consume(
  kafka: Kafka,
  consumption: Consumption,
  each: (batch: TopicBatch) => Promise<void>,
): Promise<void> {
  const { topic, group, from, batch, signal, commits } = consumption;
  if (signal.aborted) return;
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: REBALANCE_MS,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    allowAutoTopicCreation: false,
    // A group's coordinator that is moving or starting is no outage; anything else is for the caller to know.
    retry: { restartOnFailure: async (error) => isCoordinatorAway(protocolErrors(error)) },
  });
  const ended = Promise.withResolvers<void>();
  const stop = () => ended.resolve();
  signal.addEventListener('abort', stop, { once: true });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) ended.reject(payload.error);
  });
  keepPlace(consumer, consumption, ended.reject);
  const metadata = committedMetadata(consumer, commits);

  let failed = false;
  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    for (const messages of slices(payload.batch.messages, batch)) {
      if (failed || signal.aborted || !payload.isRunning() || payload.isStale()) return;
      const found = await topicBatch(consumer, payload, { group, messages, metadata });
      try {
        await each(found.batch);
      } catch (error) {
        // The partition is another member's now: kafkajs joins again, as after any rebalance.
        if (found.lostTo()) throw found.lostTo();
        failed = true;
        ended.reject(error);
        return;
      }
      payload.resolveOffset(messages[messages.length - 1].offset);
      await payload.heartbeat();
    }
  };

  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: from === 'earliest' });
    // Joining the group is part of running, and may wait for its other members.
    consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }).catch(ended.reject);
    await ended.promise;
  } catch (error) {
    throw isOfKafka(error) ? kafkaFault(error, `Consuming ${topic} as ${group}`) : error;
  } finally {
    signal.removeEventListener('abort', stop);
    await consumer.disconnect();
  }
}

const isOfKafka = (error: unknown) => error instanceof Error && error.name.startsWith('KafkaJS');

/** The metadata beside each partition's committed offset: asked for once after each rebalance, then as we commit. */
function committedMetadata(consumer: Consumer, commits: GroupPlace['commits']) {
  let known: Promise<Map<number, string>> | undefined;
  consumer.on(consumer.events.GROUP_JOIN, () => {
    known = undefined;
  });
  const ask = async () => {
    const found = await commits();
    return new Map([...found].map(([partition, { metadata }]) => [partition, metadata]));
  };
  return {
    async of(partition: number): Promise<string> {
      known ??= ask().catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      return (await known).get(partition) ?? '';
    },
    async set(partition: number, metadata: string): Promise<void> {
      (await known)?.set(partition, metadata);
    },
  };
}

async function topicBatch(
  consumer: Consumer,
  { batch: { topic, partition }, heartbeat }: EachBatchPayload,
  slice: { group: string; messages: KafkaMessage[]; metadata: ReturnType<typeof committedMetadata> },
) {
  const { group, messages } = slice;
  let lost: Error | undefined;
  const batch: TopicBatch = {
    partition,
    records: messages.map((message) => recordOf(topic, partition, message)),
    metadata: await slice.metadata.of(partition),
    async commit(offset, metadata = '') {
      try {
        await consumer.commitOffsets([{ topic, partition, offset: offset.toString(), metadata }]);
      } catch (error) {
        lost = rebalanceIn(error);
        if (!lost) throw kafkaFault(error, `Committing offset ${offset} of ${topic} as ${group}`);
        throw new Fault(
          'NS_LEASE_LOST',
          `Partition ${partition} of ${topic} went to another member of ${group} before offset ${offset} was committed; ` +
            'what was done since its last commit will be done again.',
          { cause: error },
        );
      }
      effect('log-reader.commit');
      await slice.metadata.set(partition, metadata);
    },
    async heartbeat() {
      try {
        await heartbeat();
      } catch (error) {
        // That a rebalance waits for us is no failure of the work: its end or its next commit will tell.
        if (!rebalanceIn(error)) throw kafkaFault(error, `Staying a member of ${group}`);
      }
    },
  };
  return { batch, lostTo: () => lost };
}

function recordOf(topic: string, partition: number, message: KafkaMessage): TopicRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value ?? Buffer.alloc(0),
    headers: textHeaders(message.headers),
    timestampMs: Number(message.timestamp),
  };
}

/** Of a header that stands several times, the last one. */
function textHeaders(headers: KafkaMessage['headers'] = {}): Record<string, string> {
  const last = (value: Buffer | string | (Buffer | string)[] | undefined) =>
    (Array.isArray(value) ? value[value.length - 1] : value)?.toString() ?? '';
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, last(value)]));
}

function* slices<T>(all: readonly T[], length: number): Iterable<T[]> {
  for (let from = 0; from < all.length; from += length) yield all.slice(from, from + length);
}
