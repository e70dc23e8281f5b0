import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineFunction, describeConfiguration, isFault, startFunction } from 'openfaas-sdk-ts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { testFolder } from '../support/folders.ts';
import { started, wiring } from './on-sqlite.ts';

const store = {
  ...wiring('object-store', async () => ({ close: async () => {} })),
  variables: {
    S3_ENDPOINT_URL: { meaning: 'Address.' },
    AWS_SECRET_ACCESS_KEY: { meaning: 'Secret key.', secret: true },
    AWS_REGION: { meaning: 'Region.', default: 'us-east-1' },
  },
};

const spec = defineFunction({
  name: 'configuration-test',
  summary: 'Tests configuration.',
  config: z.object({
    NOTIFICATION_SECRET: z.string().min(3).meta({ description: 'Shared with the bucket.', secret: true }),
    BATCH: z.coerce.number().int().min(1).default(20).describe('Items a batch.'),
    MODE: z.enum(['fast', 'slow']).optional().describe('How.'),
  }),
  ports: { store },
  http(app, { config, log }) {
    app.get('/', (c) => {
      log.info(
        { url: `http://user:${config.NOTIFICATION_SECRET}@host/` },
        `secret is ${config.NOTIFICATION_SECRET}`,
      );
      return c.json([config.NOTIFICATION_SECRET, config.BATCH]);
    });
  },
});

function refusal(environment: Record<string, string>): string {
  try {
    startFunction(spec, { environment: { LOG_LEVEL: 'silent', ...environment } });
  } catch (error) {
    if (isFault(error, 'NS_CONFIGURATION')) return error.message;
    throw error;
  }
  throw new Error('The function started.');
}

test('a missing or wrong value stops the start with a sentence for each that says what to do', () => {
  const sentence = refusal({ BATCH: '0', MODE: 'quick' });
  expect(sentence).toContain(
    'NOTIFICATION_SECRET (Shared with the bucket) is missing: put it into the secret file notification-secret',
  );
  expect(sentence).toContain("BATCH (Items a batch) cannot be '0'");
  expect(sentence).toContain('MODE (How) cannot be \'quick\': Invalid option: expected one of "fast"|"slow"');
});

test('a sentence never shows a secret', () => {
  expect(refusal({ NOTIFICATION_SECRET: 'ab' })).toContain('cannot be what its secret says');
});

test('an unknown trigger stops the start and the known ones are named', () => {
  const sentence = refusal({ NOTIFICATION_SECRET: 'abc', TRIGGERS: 'http,topic' });
  expect(sentence).toBe(
    "TRIGGERS names 'topic', and this function has http: write one or more of these, separated by commas, or none.",
  );
});

test('a secret file wins over the variable, is read again when it changes, and may vanish', async () => {
  const folder = testFolder();
  const file = join(folder, 'notification-secret');
  writeFileSync(file, 'first-secret\n');
  const fn = await started(spec, {
    NIGHTSHIFT_SECRETS: folder,
    NOTIFICATION_SECRET: 'from-variable',
    BATCH: '7',
  });
  const answer = async () => (await fn.app.request('/')).json();
  expect(await answer()).toEqual(['first-secret', 7]);
  writeFileSync(file, 'second-secret');
  await sleep(1100);
  expect(await answer()).toEqual(['second-secret', 7]);
  writeFileSync(file, 'x');
  await sleep(1100);
  expect(await answer()).toEqual(['second-secret', 7]);
  expect(fn.lines.at(-2)?.msg).toContain('The changed secret NOTIFICATION_SECRET is refused');
  rmSync(file);
  await sleep(1100);
  expect(await answer()).toEqual(['second-secret', 7]);
});

test('no secret reaches the log, whether from a file, from the environment, or a port’s', async () => {
  const folder = testFolder();
  writeFileSync(join(folder, 'notification-secret'), 'file/secret"1');
  const fn = await started(spec, {
    NIGHTSHIFT_SECRETS: folder,
    AWS_SECRET_ACCESS_KEY: 'port-secret',
    NOTIFICATION_SECRET: 'environment-secret',
  });
  await fn.app.request('/');
  fn.log.info({ nested: { key: 'port-secret' }, encoded: encodeURIComponent('file/secret"1') }, 'text');
  const text = JSON.stringify(fn.lines);
  expect(text).toContain('secret is [secret]');
  expect(text).toContain('http://user:[secret]@host/');
  expect(text).toContain('"nested":{"key":"[secret]"},"encoded":"[secret]"');
  expect(text).not.toMatch(/port-secret|file\/secret|file%2Fsecret/);
});

test('the description names every variable with its meaning, default and secrecy', () => {
  const { variables, roles, triggers } = describeConfiguration(spec);
  expect(triggers).toEqual(['http']);
  expect(variables).toEqual([
    { name: 'NOTIFICATION_SECRET', meaning: 'Shared with the bucket.', required: true, secret: true },
    { name: 'BATCH', meaning: 'Items a batch.', required: false, secret: false, default: '20' },
    { name: 'MODE', meaning: 'How.', required: false, secret: false },
  ]);
  expect(roles.map(({ port, use, variables: names }) => [port, use, names.map(({ name }) => name)])).toEqual([
    ['object-store', 'store', ['S3_ENDPOINT_URL', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION']],
  ]);
});
