import { describe, expect, test } from 'vitest';
import { parseS3Profile } from '#shared/drivers/s3/address.ts';

describe('profile of a bucket (LSST_RESOURCES_S3_PROFILE_*)', () => {
  test('names endpoint and keys, which may be percent-encoded', () => {
    expect(parseS3Profile('embargo', 'https://ACCESS:se%2Fcr%3Aet%2B@s3.example.org')).toEqual({
      endpoint: 'https://s3.example.org',
      accessKeyId: 'ACCESS',
      secretAccessKey: 'se/cr:et+',
    });
    expect(parseS3Profile('local', 'http://a:b@127.0.0.1:8000/').endpoint).toBe('http://127.0.0.1:8000');
  });

  test.each(['', 'ACCESS:hunter2', 'https://s3.example.org', 'https://only@host', 'ftp://a:hunter2@host'])(
    '%j stops the start with the name of the variable, and without the secret',
    (url) => {
      const parse = () => parseS3Profile('embargo', url);
      expect(parse).toThrow('LSST_RESOURCES_S3_PROFILE_embargo');
      expect(parse).not.toThrow('hunter2');
    },
  );
});
