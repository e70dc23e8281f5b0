import { describe, expect, test } from 'vitest';
import { mjdUtc, parseIso } from '#shared/domain/time/scales.ts';
import { spaceTrackElementSource } from '#shared/drivers/http/space-track.ts';
import { elementSourceContract } from '../../contracts/element-source.ts';
import { spaceTrackCookie, spaceTrackServer, spaceTrackUser } from '../../support/space-track-server.ts';

const sourceAt = (url: string, credentials = spaceTrackUser) =>
  spaceTrackElementSource({ name: 'tested', url, credentials: () => credentials, timeoutMs: 500 });

elementSourceContract('Space-Track', async () => {
  const server = await spaceTrackServer('');
  return {
    open: async () => sourceAt(server.url),
    async give(text) {
      server.catalogue = text;
    },
    async remove() {
      server.query = (response) => response.writeHead(503).end('confidential');
    },
    isConditional: false,
    canBeEmpty: false,
  };
});

describe('Space-Track', () => {
  test('is asked in one session: login, the query of the whole catalogue, logout', async () => {
    const server = await spaceTrackServer('[]');
    await sourceAt(server.url).fetch({});
    expect(server.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /ajaxauth/login',
      'GET /basicspacedata/query/class/gp/decay_date/null-val/epoch/%3Enow-30/orderby/norad_cat_id/format/json',
      'GET /ajaxauth/logout',
    ]);
  });

  test('is asked for its history around a past date', async () => {
    const server = await spaceTrackServer('[]');
    await sourceAt(server.url).fetch({ near: mjdUtc(parseIso('2022-08-09T12:00:00')) });
    expect(server.received[1]!.url).toBe(
      '/basicspacedata/query/class/gp_history/epoch/2022-08-09T02:48:02--2022-08-09T21:11:57/orderby/norad_cat_id/format/json',
    );
  });

  test('that refuses the login is asked nothing more, and the sentence has neither user nor password', async () => {
    const server = await spaceTrackServer('[]');
    const wrong = { user: 'observer@example.org', password: 'wrong-password' };
    const failure = await sourceAt(server.url, wrong).fetch({}).catch(String);
    expect(failure).toMatch(/refuses the login: look at SPACETRACK_USER and SPACETRACK_PASSWORD\.$/);
    expect(failure).not.toMatch(/observer@|wrong-password/);
    expect(server.received).toHaveLength(1);
    server.login = (response) => response.writeHead(401).end();
    await expect(sourceAt(server.url).fetch({})).rejects.toMatchObject({
      code: 'NS_DEPENDENCY_REFUSED',
      message: expect.stringContaining('answers 401 (not authorised) at the login'),
    });
  });

  test('that fails in mid-session is logged out of, and no sentence has the session', async () => {
    const server = await spaceTrackServer('[]');
    for (const query of [429, 500, 302, 'cut', 'silent'] as const) {
      server.query = (response) => {
        if (typeof query === 'number')
          response.writeHead(query, { location: server.url }).end(spaceTrackCookie);
        else if (query === 'cut')
          response.writeHead(200, { 'content-length': '99' }).write('[', () => response.destroy());
      };
      server.received.length = 0;
      const failure = await sourceAt(server.url).fetch({}).catch(String);
      expect(failure, String(query)).toMatch(/^Fault: tested at .*(answers \d|does not answer)/);
      expect(failure).not.toContain('chocolatechip');
      expect(server.received.at(-1)!.url).toBe('/ajaxauth/logout');
    }
  });
});
