import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import type { TopicRecord } from 'openfaas-sdk-ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaLogReader } from '#shared/drivers/kafka/log-reader.ts';
import { kafkaLogWriter } from '#shared/drivers/kafka/log-writer.ts';
import { commitAll, readAll } from '../../contracts/log.ts';
import { opened } from '../../contracts/suite.ts';
import { obtain } from '../../support/services/availability.ts';
import { startKafka } from '../../support/services/kafka.ts';

const service = await obtain(startKafka);
afterAll(() => service?.close());

const unavailable = { code: 'NS_DEPENDENCY_UNAVAILABLE', dependency: 'kafka' };
const textOf = (record: TopicRecord) => Buffer.from(record.value).toString();

describe.skipIf(!service?.process)('a broker that is restarted', () => {
  const address = { brokers: service?.brokers ?? '' };
  const admin = new kafkajs.Kafka({
    brokers: [address.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());

  async function newTopic(numPartitions: number): Promise<string> {
    const topic = `topic-${randomUUID()}`;
    await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
    return topic;
  }

  const openWriter = () => opened(async () => kafkaLogWriter(address));
  const openReader = () => opened(async () => kafkaLogReader(address));

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'by %s: the writer waits, and nothing is lost, doubled or out of order',
    async (signal) => {
      const topic = await newTopic(2);
      const [writer, reader] = [await openWriter(), await openReader()];
      const count = 60;
      const writing = (async () => {
        for (let n = 0; n < count; n++) {
          const outcomes = await writer.append(
            topic,
            ['even', 'odd'].map((key) => ({ key, value: `${key} ${n}` })),
          );
          expect(outcomes.map(({ ok }) => ok)).toEqual([true, true]);
          await pause(20);
        }
      })();
      await pause(400);
      await service!.process!.stop(signal);
      await pause(1000);
      await service!.process!.start();
      await writing;
      const texts = (await readAll(reader, topic)).map(textOf);
      for (const key of ['even', 'odd']) {
        expect(texts.filter((text) => text.startsWith(key))).toEqual(
          Array.from({ length: count }, (_, n) => `${key} ${n}`),
        );
      }
    },
  );

  test('a consumer is told, and goes on at its commit when it consumes again', async () => {
    const topic = await newTopic(1);
    const group = randomUUID();
    const [writer, reader] = [await openWriter(), await openReader()];
    await writer.append(topic, [{ value: '0' }]);
    const received: string[] = [];
    const stop = new AbortController();
    let faults = 0;
    const consuming = (async () => {
      while (!stop.signal.aborted) {
        try {
          await reader.consume(
            { topic, group, from: 'earliest', batch: 10, signal: stop.signal },
            async (batch) => {
              received.push(...batch.records.map(textOf));
              await commitAll(batch);
              if (received.length >= 2) stop.abort();
            },
          );
        } catch (error) {
          expect(error).toMatchObject(unavailable);
          faults += 1;
          await pause(500);
        }
      }
    })();
    await expect.poll(() => reader.lag(topic, group), { timeout: 20_000 }).toBe(0);
    await service!.process!.stop('SIGKILL');
    await pause(12_000);
    await service!.process!.start();
    await writer.append(topic, [{ value: '1' }]);
    await consuming;
    expect(received).toEqual(['0', '1']);
    expect(faults).toBeGreaterThan(0);
    expect(await reader.lag(topic, group)).toBe(0);
  });

  test('an append that its caller gives up while the broker is away is not stored later', async () => {
    const topic = await newTopic(1);
    const [writer, reader] = [await openWriter(), await openReader()];
    await writer.append(topic, [{ value: 'before' }]);
    await service!.process!.stop();
    const began = performance.now();
    const [outcome] = await writer.append(topic, [{ value: 'given up' }], {
      signal: AbortSignal.timeout(2000),
    });
    expect(outcome).toMatchObject({ ok: false, fault: unavailable });
    expect(performance.now() - began).toBeLessThan(3000);
    await service!.process!.start();
    expect(await writer.append(topic, [{ value: 'after' }])).toMatchObject([{ ok: true }]);
    await pause(2000);
    expect((await readAll(reader, topic)).map(textOf)).toEqual(['before', 'after']);
  });
});
