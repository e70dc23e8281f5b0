import kafkajs from 'kafkajs';
import { afterAll, expect, test } from 'vitest';
import { DECam } from '#shared/domain/ids/instruments/DECam.ts';
import { checkNight } from '#shared/domain/ledger/check.ts';
import {
  decamVisit,
  firstExposureMs,
  observe,
  putSatellites,
  putTemplate,
} from '../../support/decam-visit.ts';
import { type Observatory, openObservatory } from '../../support/observatory.ts';
import { obtain } from '../../support/services/availability.ts';
import { startKafka } from '../../support/services/kafka.ts';
import { syntheticField } from '../../support/synthetic-field.ts';

const service = await obtain(startKafka);
afterAll(() => service?.close());

const groups = ['next-visit-fanout', 'alert-publish', 'archive-write'];
const topics = [
  'alert-bundles',
  'butler-writer',
  'nightshift-ledger',
  'lsst-alerts-v11',
  ...groups.flatMap((group) => [`${group}.retry`, `${group}.dead`]),
];

async function createTopics(brokers: string): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: 4 })),
    waitForLeaders: true,
  });
  await admin.disconnect();
}

async function expectWhole(observatory: Observatory, visits: number): Promise<void> {
  const { counts, differences } = checkNight(await observatory.settled(100));
  expect(differences).toEqual([]);
  expect(counts).toMatchObject({
    processed: visits,
    alerts: 4 * visits,
    archived: 4 * visits,
    duplicated: 0,
  });
}

test.skipIf(!service?.process)(
  'while Kafka is gone the work is held, and goes on when it is back',
  {
    timeout: 400_000,
  },
  async () => {
    const { brokers, process: broker } = service!;
    await createTopics(brokers);
    const addresses = { BUTLER_WRITER_KAFKA_CLUSTER: brokers, AP_KAFKA_SERVER: brokers };
    // The harness reads where the functions write.
    Object.assign(process.env, addresses);
    const field = syntheticField(1);
    await using observatory = await openObservatory({
      instrument: DECam,
      detectors: [0],
      originMs: firstExposureMs,
      environment: () => addresses,
    });
    await putSatellites(observatory);
    await putTemplate(observatory, field.template);
    await observe(observatory, decamVisit(1, field.science));
    await expectWhole(observatory, 1);

    await broker!.stop();
    for (const number of [2, 3]) await observe(observatory, decamVisit(number, field.science));
    await observatory.until('Ingest and a worker hold', 150, async () => {
      const held = new Set(observatory.holds().map(({ fn }) => fn));
      return ['ingest-batch', 'process-detector'].every((fn) => held.has(fn));
    });
    await broker!.start();
    await expectWhole(observatory, 3);
    expect(observatory.holds().filter(({ attempt }) => attempt !== 1)).toEqual([]);
    expect(observatory.log()).not.toContain('"outcome":"retry"');
  },
);
