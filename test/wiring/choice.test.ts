import { type Closable, type Environment, isFault, type Wiring } from 'openfaas-sdk-ts';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { arrivals } from '#shared/wiring/arrivals.ts';
import { butler } from '#shared/wiring/butler.ts';
import { elementSources } from '#shared/wiring/element-sources.ts';
import { leases } from '#shared/wiring/leases.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { logWriter } from '#shared/wiring/log-writer.ts';
import { bucketNamed, objectStore } from '#shared/wiring/object-store.ts';
import { presence } from '#shared/wiring/presence.ts';
import { satelliteGate } from '#shared/wiring/satellite-gate.ts';
import { schemaRegistry } from '#shared/wiring/schema-registry.ts';
import { catalogSeal, seal } from '#shared/wiring/seal.ts';
import { sourceStore } from '#shared/wiring/source-store.ts';
import { topicLog } from '#shared/wiring/topic-log.ts';
import { workQueue } from '#shared/wiring/work-queue.ts';
import { workStream } from '#shared/wiring/work-stream.ts';
import { testFolder } from '../support/folders.ts';

const environmentOf =
  (variables: Record<string, string>): Environment =>
  (name) =>
    variables[name];

/** Every wiring of two worlds: port, role, the variable that makes it real, and its two drivers. */
const twoWorlds: [Wiring<Closable>, string, string, string, string, string][] = [
  [workQueue, 'work-queue', 'ingest', 'REDIS_HOST', 'redis', 'sqlite'],
  [arrivals, 'arrivals', 'ingest', 'REDIS_HOST', 'redis', 'sqlite'],
  [leases('ingest'), 'leases', 'ingest', 'REDIS_HOST', 'redis', 'sqlite'],
  [leases('process'), 'leases', 'process', 'REDIS_STREAM_HOST', 'redis', 'sqlite'],
  [workStream('fan-out'), 'work-stream', 'fan-out', 'REDIS_HOST', 'redis', 'sqlite'],
  [workStream('process'), 'work-stream', 'process', 'REDIS_STREAM_HOST', 'redis', 'sqlite'],
  [logReader('prompt'), 'log-reader', 'prompt', 'BUTLER_WRITER_KAFKA_CLUSTER', 'kafka', 'sqlite'],
  [logReader('next-visit'), 'log-reader', 'next-visit', 'KAFKA_CLUSTER', 'kafka', 'sqlite'],
  [logReader('s3-events'), 'log-reader', 's3-events', 'KAFKA_CLUSTER', 'kafka', 'sqlite'],
  [logReader('public'), 'log-reader', 'public', 'AP_KAFKA_SERVER', 'kafka', 'sqlite'],
  [logWriter('prompt'), 'log-writer', 'prompt', 'BUTLER_WRITER_KAFKA_CLUSTER', 'kafka', 'sqlite'],
  [logWriter('public'), 'log-writer', 'public', 'AP_KAFKA_SERVER', 'kafka', 'sqlite'],
  [topicLog('prompt'), 'topic-log', 'prompt', 'BUTLER_WRITER_KAFKA_CLUSTER', 'kafka', 'sqlite'],
  [topicLog('s3-events'), 'topic-log', 's3-events', 'KAFKA_CLUSTER', 'kafka', 'sqlite'],
  [objectStore('raw'), 'object-store', 'raw', 'S3_ENDPOINT_URL', 's3', 'files'],
  [objectStore('products'), 'object-store', 'products', 'S3_ENDPOINT_URL', 's3', 'files'],
  [objectStore('archive'), 'object-store', 'archive', 'S3_ENDPOINT_URL', 's3', 'files'],
  [schemaRegistry, 'schema-registry', 'schemas', 'SCHEMA_REGISTRY_URL', 'http', 'shipped schemas'],
  [seal, 'seal', 'gate', 'GATE_SEAL_KEY', 'aes with GATE_SEAL_KEY', 'aes with the data folder’s seal.key'],
  [
    catalogSeal,
    'seal',
    'catalog',
    'CATALOG_SEAL_KEY',
    'aes with CATALOG_SEAL_KEY',
    'aes with the data folder’s catalog.key',
  ],
];

for (const [wiring, port, role, address, real, embedded] of twoWorlds) {
  describe(`${port} (${role})`, () => {
    test('is real where its address is set, whatever else is', () => {
      const choice = { driver: real, why: `${address} is set` };
      expect(wiring.choose(environmentOf({ [address]: 'host:1' }))).toEqual(choice);
      expect(wiring.choose(environmentOf({ [address]: 'host:1', NIGHTSHIFT_DATA: '/d' }))).toEqual(choice);
    });

    test('is embedded where only NIGHTSHIFT_DATA is set, and opens', async () => {
      const data = testFolder();
      const environment = environmentOf({ NIGHTSHIFT_DATA: data });
      expect(wiring.choose(environment)).toEqual({
        driver: embedded,
        why: `${address} is not set, and NIGHTSHIFT_DATA is ${data}`,
      });
      const opened = await wiring.open({ environment, log: pino({ level: 'silent' }), functionName: 'test' });
      await opened.close();
    });

    test('stops where neither is set, and names the variables', () => {
      const choose = () => wiring.choose(environmentOf({}));
      expect(choose).toThrow(
        new RegExp(`^${address} is missing.*${port} \\(${role}\\).*or set NIGHTSHIFT_DATA`),
      );
      expect(choose).toThrow(expect.toSatisfy((error) => isFault(error, 'NS_CONFIGURATION')));
    });

    test('declares what it reads', () => {
      expect(wiring).toMatchObject({ port, role });
      expect(Object.keys(wiring.variables)).toEqual(expect.arrayContaining([address, 'NIGHTSHIFT_DATA']));
      for (const [name, variable] of Object.entries(wiring.variables)) {
        expect(variable.meaning).toMatch(/\.$/);
        expect(variable.secret ?? false, name).toBe(/PASSWORD|SECRET|_KEY|PROFILE/.test(name));
      }
    });
  });
}

describe('services by HTTP', () => {
  for (const [wiring, variable] of [
    [presence, 'RAW_MICROSERVICE'],
    [satelliteGate, 'SATTLE_URI_BASE'],
  ] as const) {
    test(`${wiring.port} is where ${variable} says, in both worlds`, () => {
      const set = environmentOf({ [variable]: 'http://host', NIGHTSHIFT_DATA: '/d' });
      expect(wiring.choose(set)).toEqual({ driver: 'http', why: `${variable} is set` });
      expect(() => wiring.choose(environmentOf({ NIGHTSHIFT_DATA: '/d' }))).toThrow(`${variable} is missing`);
    });
  }
});

describe('sources of element sets', () => {
  const variables = { SATELLITE_SOURCES_FILE: '/s.yaml', NIGHTSHIFT_DATA: '/d' };

  test('are what SATELLITE_SOURCES_FILE declares, in both worlds', () => {
    expect(elementSources.choose(environmentOf(variables))).toEqual({
      driver: 'as declared',
      why: 'SATELLITE_SOURCES_FILE is set',
    });
    expect(() => elementSources.choose(environmentOf({ NIGHTSHIFT_DATA: '/d' }))).toThrow(
      'SATELLITE_SOURCES_FILE is missing',
    );
  });

  test('know user and password as secrets', () => {
    const secret = Object.entries(elementSources.variables).flatMap(([name, variable]) =>
      'secret' in variable && variable.secret ? [name] : [],
    );
    expect(secret).toEqual(expect.arrayContaining(['SPACETRACK_USER', 'SPACETRACK_PASSWORD']));
  });
});

describe('stores that are only embedded so far', () => {
  for (const [wiring, address] of [
    [sourceStore, 'CONFIG_APDB'],
    [butler, 'BUTLER_REPO'],
  ] as const) {
    test(`${wiring.port} opens, and refuses one elsewhere instead of passing over it`, async () => {
      const data = testFolder();
      const environment = environmentOf({ NIGHTSHIFT_DATA: data });
      expect(wiring.choose(environment)).toEqual({ driver: 'sqlite', why: `NIGHTSHIFT_DATA is ${data}` });
      const opened = await wiring.open({ environment, log: pino({ level: 'silent' }), functionName: 'test' });
      await opened.close();
      const elsewhere = environmentOf({ [address]: 's3://b/elsewhere.yaml', NIGHTSHIFT_DATA: data });
      expect(() => wiring.choose(elsewhere)).toThrow(`${address} is set`);
      expect(() => wiring.choose(environmentOf({}))).toThrow('NIGHTSHIFT_DATA is missing');
    });
  }
});

describe('addresses', () => {
  const open = <Port extends Closable>(wiring: Wiring<Port>, variables: Record<string, string>) =>
    wiring.open({
      environment: environmentOf(variables),
      log: pino({ level: 'silent' }),
      functionName: 'test',
    });

  test('a bucket with a profile is real by that profile alone', async () => {
    const variables = {
      IMAGE_BUCKET: 'embargo@rubin-summit',
      LSST_RESOURCES_S3_PROFILE_embargo: 'https://KEY:SECRET@s3.example',
      NIGHTSHIFT_DATA: '/d',
    };
    const { driver, why } = objectStore('raw').choose(environmentOf(variables));
    expect({ driver, why }).toEqual({ driver: 's3', why: 'LSST_RESOURCES_S3_PROFILE_embargo is set' });
    const store = await open(objectStore('raw'), variables);
    expect(store.bucket).toBe('rubin-summit');
    await store.close();
  });

  test('the raw bucket must be named, ours have names of their own', async () => {
    const s3 = { S3_ENDPOINT_URL: 'http://host', AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
    await expect(open(objectStore('raw'), s3)).rejects.toThrow(/^IMAGE_BUCKET is missing/);
    const store = await open(objectStore('archive'), s3);
    expect(store.bucket).toBe('archive');
    await store.close();
    const { AWS_SECRET_ACCESS_KEY: _, ...without } = s3;
    await expect(open(objectStore('archive'), without)).rejects.toThrow(/^AWS_SECRET_ACCESS_KEY is missing/);
  });

  test('a bucket that a file names is where its profile says, else where the others are', async () => {
    const profile = { LSST_RESOURCES_S3_PROFILE_vault: 'https://KEY:SECRET@s3.example' };
    const choose = (name: string, more: Record<string, string>) =>
      bucketNamed(name).choose(environmentOf({ NIGHTSHIFT_DATA: '/d', ...more })).why;
    expect(choose('vault@elements', profile)).toBe('LSST_RESOURCES_S3_PROFILE_vault is set');
    expect(choose('elements', { S3_ENDPOINT_URL: 'http://host' })).toBe('S3_ENDPOINT_URL is set');
    expect(choose('elements', profile)).toMatch(/NIGHTSHIFT_DATA is/);
    for (const variables of [profile, { NIGHTSHIFT_DATA: testFolder() }]) {
      const store = await open(bucketNamed('vault@elements'), variables);
      expect(store.bucket).toBe('elements');
      await store.close();
    }
  });

  test('ingest-batch knows the raw bucket as BUCKET', async () => {
    const store = await open(objectStore('raw'), { BUCKET: 'summit', NIGHTSHIFT_DATA: testFolder() });
    expect(store.bucket).toBe('summit');
    await store.close();
  });
});
