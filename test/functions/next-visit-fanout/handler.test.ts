import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import avro from 'avsc';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { frame } from '#shared/domain/alert/wire.ts';
import { ledgerTopic, parseLedgerEntry } from '#shared/domain/ledger/entry.ts';
import { nextVisitSchema } from '#shared/schemas/events/next-visit.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { workStream } from '#shared/wiring/work-stream.ts';
import fanOut from '../../../functions/next-visit-fanout/handler.ts';
import { type EmbeddedWorld, embeddedWorld } from '../../support/embedded.ts';

const topic = 'lsst.sal.ScriptQueue.logevent_nextVisit';
const [stream, group] = ['instrument:simcam', 'simcam_consumer_group'];
const codec = avro.Type.forSchema(nextVisitSchema as avro.Schema);
const defaults = Object.fromEntries(
  (nextVisitSchema as { fields: { name: string; default: unknown }[] }).fields.map((field) => [
    field.name,
    field.default,
  ]),
);

const valuesOf = (change: Record<string, unknown> = {}) => ({
  ...defaults,
  ...{ private_efdStamp: Date.now() / 1000, groupId: '2026-01-02T03:04:05.678#1', instrument: 'SimCam' },
  ...{ coordinateSystem: 2, rotationSystem: 2, dome: 2, position: [53.1, -28.1] },
  ...change,
});
const record = (change?: Record<string, unknown>) => ({ value: frame(1, codec.toBuffer(valuesOf(change))) });

async function world(environment: Record<string, string> = {}) {
  const world = embeddedWorld();
  const log = await world.open(logWriter('next-visit'));
  const work = await world.open(workStream('process'));
  const fn = await world.start(fanOut, { environment });
  const send = (...records: { value: Uint8Array | string }[]) => log.append(topic, records);
  const waiting = async () => (await work.depth(stream, group)).waiting;
  return { world, work, fn, send, waiting };
}

async function recordsOf(world: EmbeddedWorld, name: string) {
  const log = await world.open(logReader('prompt'));
  const records = [];
  for (const { partition, begin } of await log.partitions(name)) {
    for await (const each of log.read(name, { partition, from: begin })) records.push(each);
  }
  return records;
}

test('an event becomes an entry a detector, and the ledger says that they are wanted', async () => {
  const { world: embedded, work, send, waiting } = await world();
  await send(record());
  await vi.waitFor(async () => expect(await waiting()).toBe(9), 10_000);
  const unfinished = await work.unfinished(stream, group);
  expect(unfinished.map(({ item }) => item)).toContain('SimCam/2026-01-02T03%3A04%3A05.678%231/4');
  expect(unfinished[0].fields).toMatchObject({
    instrument: 'SimCam',
    position: '[53.1, -28.1]',
    cameraAngle: '0.0',
  });
  await vi.waitFor(async () => {
    const entries = (await recordsOf(embedded, ledgerTopic)).map(({ value }) =>
      parseLedgerEntry(Buffer.from(value).toString()),
    );
    expect(entries.map(({ step, detector }) => `${step} ${detector}`).sort()).toEqual(
      Array.from({ length: 9 }, (_, detector) => `wanted ${detector}`),
    );
  }, 5000);
});

test('an event that is sent twice is worked once', async () => {
  const { send, waiting } = await world();
  await send(record(), record(), record({ groupId: 'another' }));
  await vi.waitFor(async () => expect(await waiting()).toBe(18), 10_000);
});

describe('bad events', () => {
  test('go aside with their cause, and the good ones among them are fanned out', async () => {
    const { world: embedded, send, waiting } = await world();
    const whole = codec.toBuffer(valuesOf());
    await send(
      { value: 'no Confluent header' },
      { value: frame(1, whole.subarray(0, 60)) },
      { value: frame(77, whole) },
      record({ instrument: 'HSC' }),
      record({ groupId: 'good' }),
    );
    await vi.waitFor(async () => expect(await waiting()).toBe(9), 10_000);
    await vi.waitFor(async () => {
      const causes = (await recordsOf(embedded, 'next-visit-fanout.dead')).map(
        ({ headers }) => headers.cause,
      );
      expect(causes).toHaveLength(4);
      for (const cause of [/starts with byte/, /cut or damaged/, /schema 77/, /instrument 'HSC'.*SimCam/])
        expect(
          causes.some((found) => cause.test(found)),
          String(cause),
        ).toBe(true);
    }, 10_000);
  });

  test('with a missing field says which', async () => {
    // A registry whose schema 7 lacks the field groupId.
    const fields = (nextVisitSchema as { fields: { name: string }[] }).fields.filter(
      ({ name }) => name !== 'groupId',
    );
    const schema = { ...(nextVisitSchema as object), fields };
    const registry = createServer((request, response) => {
      const found = request.url?.startsWith('/schemas/ids/7');
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
      response.end(
        JSON.stringify(found ? { schema: JSON.stringify(schema) } : { error_code: 40403, message: 'no' }),
      );
    });
    await new Promise<void>((ready) => registry.listen(0, '127.0.0.1', ready));
    onTestFinished(() => void registry.close());
    const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
    const { world: embedded, send } = await world({ SCHEMA_REGISTRY_URL: url });
    const { groupId, ...rest } = valuesOf() as Record<string, unknown>;
    await send({ value: frame(7, avro.Type.forSchema(schema as avro.Schema).toBuffer(rest)) });
    await vi.waitFor(async () => {
      const [dead] = await recordsOf(embedded, 'next-visit-fanout.dead');
      expect(dead?.headers.cause).toMatch(/NS_RECORD_UNREADABLE.*field groupId is undefined, not a text/);
    }, 10_000);
  });
});

test('what is too old, or no observation, leaves nothing but a line in the log', async () => {
  const { world: embedded, fn, send, waiting } = await world({ MESSAGE_EXPIRATION: '60' });
  await send(
    record({ private_efdStamp: Date.now() / 1000 - 61 }),
    record({ instrument: '' }),
    record({ groupId: 'good' }),
  );
  await vi.waitFor(async () => expect(await waiting()).toBe(9), 10_000);
  const dropped = fn.lines
    .filter(({ msg }) => msg === 'a nextVisit event is dropped')
    .map(({ why }) => String(why));
  expect(dropped.some((why) => /it is 6\d s old/.test(why))).toBe(true);
  expect(dropped.some((why) => why.includes('no observation'))).toBe(true);
  expect(await recordsOf(embedded, 'next-visit-fanout.dead')).toEqual([]);
});
