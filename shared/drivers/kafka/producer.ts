import { Producer } from '@platformatic/kafka';
import { Fault } from 'openfaas-sdk-ts';
import { type KafkaAddress, parseAddress } from './address.ts';
import { isRefusal, isTooLarge, protocolErrors } from './faults.ts';

/** A broker that is restarted takes up to 20 s (after a kill, with its log to recover). */
const RETRIES = 30;
const RETRY_DELAY_MS = 1000;
/** A topic that was made a moment ago may not be known everywhere yet. */
const UNKNOWN_TOPIC_RETRIES = 3;

/** A producer that is made at its first use, and given up and made anew after it failed. */
export function replaceableProducer(address: KafkaAddress) {
  let current: { client: Producer; refused: Promise<never> } | undefined;
  let closing: Promise<unknown> = Promise.resolve();

  const giveUp = () => {
    const failed = current?.client;
    current = undefined;
    // It stops repeating what it has in flight. That it could not say goodbye to a broker changes nothing.
    if (failed) closing = Promise.allSettled([closing, failed.close(true)]);
  };

  return {
    async use<T>(
      topic: string,
      signal: AbortSignal | undefined,
      work: (client: Producer) => Promise<T>,
    ): Promise<T> {
      current ??= openProducer(address);
      const { client, refused } = current;
      try {
        return await unlessAborted(() => Promise.race([work(client), refused]), signal, topic);
      } catch (error) {
        if (!isTooLarge(protocolErrors(error))) giveUp();
        throw error;
      }
    },
    async close() {
      giveUp();
      await closing;
    },
  };
}

function openProducer(address: KafkaAddress) {
  const { brokers, sasl, ssl, clientId } = parseAddress(address);
  const refusal = Promise.withResolvers<never>();
  // Whoever sends hears of it; where nobody does, nobody needs to.
  refusal.promise.catch(() => undefined);
  const client = new Producer({
    clientId,
    bootstrapBrokers: brokers,
    sasl,
    tls: ssl ? {} : undefined,
    idempotent: true,
    connectTimeout: 2000,
    retries: RETRIES,
    retryDelay(_client, _operation, attempt, _retries, error) {
      // The client would go on for 30 s: it takes a refused login for a broken connection.
      const errors = protocolErrors(error);
      const unknown = errors.has('UNKNOWN_TOPIC_OR_PARTITION') && attempt > UNKNOWN_TOPIC_RETRIES;
      if (isRefusal(errors) || unknown) refusal.reject(error);
      return RETRY_DELAY_MS;
    },
  });
  return { client, refused: refusal.promise };
}

/** What is in flight when the signal aborts may or may not have been stored; what is not begun by then never is. */
export async function unlessAborted<T>(
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
  topic: string,
): Promise<T> {
  const brokenOff = () => {
    const why = `The append to ${topic} was broken off before Kafka acknowledged it; append it again.`;
    return new Fault('NS_DEPENDENCY_UNAVAILABLE', why, { dependency: 'kafka', cause: signal?.reason });
  };
  if (signal?.aborted) throw brokenOff();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(brokenOff());
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
