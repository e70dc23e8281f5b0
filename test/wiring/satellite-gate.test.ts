import { isFault } from 'openfaas-sdk-ts';
import { describe, expect, test } from 'vitest';
import { replicasOf } from '#shared/wiring/satellite-gate.ts';

describe('SATTLE_URI_BASE', () => {
  test.each([
    ['http://gate:9999', ['http://gate:9999']],
    ['http://gate:9999/', ['http://gate:9999']],
    ['https://gate/function/sattle-check//', ['https://gate/function/sattle-check']],
    [' http://a:1 http://b:2\n', ['http://a:1', 'http://b:2']],
    ['http://a:1,http://b:2, http://a:1/', ['http://a:1', 'http://b:2']],
  ])('%j names the replicas %j', (urls, replicas) => {
    expect(replicasOf(urls)).toEqual(replicas);
  });

  test.each(['gate:9999', 'http://a:1 b', ' , ', 'ftp://gate', 'http://'])('%j stops the start', (urls) => {
    expect(() => replicasOf(urls)).toThrow(expect.toSatisfy((error) => isFault(error, 'NS_CONFIGURATION')));
    expect(() => replicasOf(urls)).toThrow(/^SATTLE_URI_BASE has ".*", which is no HTTP URL: set it to/);
  });
});
