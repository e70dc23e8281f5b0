import { describe, expect, test } from 'vitest';
import { httpPresence } from '#shared/drivers/http/presence.ts';
import { reply, testServer } from './server.ts';

const key = { instrument: 'LSSTCam', group: '2025-04-16T07:03:14.565#1', snap: 0, detector: 'R22_S11' };
const unavailable = { code: 'NS_DEPENDENCY_UNAVAILABLE', dependency: 'presence' };

describe('presence by HTTP', () => {
  test('asks with each part percent-encoded, and for a wait only where there is one', async () => {
    const server = await testServer((response) => reply(response, 200, '{"error":false,"present":false}'));
    const presence = httpPresence({ url: `${server.url}/presence/` });
    expect(await presence.find(key, { waitSeconds: 0 })).toBeUndefined();
    expect(await presence.find({ ...key, group: 'a+b/c%' }, { waitSeconds: 20 })).toBeUndefined();
    expect(server.received.map(({ url }) => url)).toEqual([
      '/presence/LSSTCam/2025-04-16T07%3A03%3A14.565%231/0/R22_S11',
      '/presence/LSSTCam/a%2Bb%2Fc%25/0/R22_S11?wait=20',
    ]);
  });

  test('answers the URI of a raw that is there', async () => {
    const uri = 's3://embargo@rubin-summit/LSSTCam/20250416/a.fits';
    const server = await testServer((response) =>
      reply(response, 200, JSON.stringify({ error: false, present: true, uri })),
    );
    expect(await httpPresence({ url: server.url }).find(key, { waitSeconds: 0 })).toBe(uri);
  });

  test.each([
    [400, '{"error":true,"message":"Unknown instrument X"}', 'Unknown instrument X'],
    [500, '{"error":true,"message":"Redis is away"}', 'Redis is away'],
    [200, '{"error":true,"message":"odd"}', 'odd'],
    [404, '<html>Not Found</html>', 'answers 404'],
    [200, 'OK', 'not its form'],
    [200, '{"present":"yes"}', 'not its form'],
  ])('does not believe %d %s', async (status, body, said) => {
    const server = await testServer((response) => reply(response, status, body));
    const find = httpPresence({ url: server.url }).find(key, { waitSeconds: 0 });
    await expect(find).rejects.toMatchObject({ ...unavailable, message: expect.stringContaining(said) });
  });

  test('gives the service one second beyond the wait', async () => {
    const server = await testServer(() => {});
    const presence = httpPresence({ url: server.url });
    const began = performance.now();
    await expect(presence.find(key, { waitSeconds: 0.5 })).rejects.toMatchObject(unavailable);
    const waited = performance.now() - began;
    expect(waited).toBeGreaterThan(1400);
    expect(waited).toBeLessThan(2500);
  });
});
