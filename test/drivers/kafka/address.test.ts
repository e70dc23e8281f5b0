import { describe, expect, test } from 'vitest';
import { parseAddress } from '#shared/drivers/kafka/address.ts';

describe('address of a Kafka cluster', () => {
  test('is a list of brokers, without TLS and by SCRAM-SHA-512 where nothing else is said', () => {
    expect(parseAddress({ brokers: 'a.example:9092, b.example:9094,[::1]:9092' })).toMatchObject({
      brokers: ['a.example:9092', 'b.example:9094', '[::1]:9092'],
      sasl: undefined,
      ssl: false,
    });
    const user = { username: 'u', password: 'p' };
    expect(parseAddress({ brokers: 'a:1', sasl: user }).sasl).toEqual({
      ...user,
      mechanism: 'SCRAM-SHA-512',
    });
  });

  test.each(['', 'a.example', 'a:b', 'a:1,', 'http://a:1'])('%j stops the start', (brokers) => {
    expect(() => parseAddress({ brokers })).toThrow('is not of the form host:port');
  });
});
