import pino from 'pino';
import { expect, test } from 'vitest';
import { kafkaAddress, type LogRole } from '#shared/wiring/log-roles.ts';

const addressOf = (role: LogRole, variables: Record<string, string>) =>
  kafkaAddress(role, {
    environment: (name) => variables[name],
    log: pino({ level: 'silent' }),
    functionName: 'alert-publish',
  });

test('without a user there is neither authentication nor TLS', () => {
  expect(addressOf('s3-events', { KAFKA_CLUSTER: 'a:9092,b:9092' })).toEqual({
    brokers: 'a:9092,b:9092',
    clientId: 'alert-publish',
    ssl: false,
    sasl: undefined,
  });
});

test('a user of the public Kafka needs a password', () => {
  const variables = { AP_KAFKA_SERVER: 'a:9094', AP_KAFKA_PRODUCER_USERNAME: 'kafka-producer' };
  expect(() => addressOf('public', variables)).toThrow(/^AP_KAFKA_PRODUCER_PASSWORD is missing/);
  expect(addressOf('public', { ...variables, AP_KAFKA_PRODUCER_PASSWORD: 'p' })).toMatchObject({
    ssl: false,
    sasl: { username: 'kafka-producer', password: 'p' },
  });
});

test('the summit’s Kafka is reached as its variables say', () => {
  const variables = { KAFKA_CLUSTER: 'a:1', SASL_USERNAME: 'u', SASL_PASSWORD: 'p' };
  expect(
    addressOf('next-visit', { ...variables, SECURITY_PROTOCOL: 'SASL_SSL', SASL_MECHANISM: 'scram-sha-256' }),
  ).toMatchObject({ ssl: true, sasl: { mechanism: 'SCRAM-SHA-256', username: 'u', password: 'p' } });
  expect(addressOf('next-visit', { ...variables, SECURITY_PROTOCOL: 'SSL' })).toMatchObject({
    ssl: true,
    sasl: undefined,
  });
  expect(() => addressOf('next-visit', { ...variables, SECURITY_PROTOCOL: 'TLS' })).toThrow(
    'SECURITY_PROTOCOL is "TLS", and can be PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL.',
  );
});
