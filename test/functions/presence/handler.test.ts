import { setTimeout as pause } from 'node:timers/promises';
import type { Closable } from 'openfaas-sdk-ts';
import { describe, expect, test } from 'vitest';
import { arrivals } from '#shared/wiring/arrivals.ts';
import presence from '../../../functions/presence/handler.ts';
import { embeddedWorld, interruptible } from '../../support/embedded.ts';

const uri =
  's3://embargo@rubin-summit/LSSTCam/20251121/MC_O_20251121_000156/MC_O_20251121_000156_R22_S11.fits';

async function world(outage = { down: false }) {
  const world = embeddedWorld();
  const known = await world.open(arrivals);
  const spec = { ...presence, ports: { arrivals: interruptible<Closable>(arrivals, outage) } };
  const { app } = await world.start(spec);
  const announce = (group: string, detector = 'R22_S11') =>
    known.announce([{ instrument: 'LSSTCam', group, snap: 0, detector, uri }], 60);
  const get = async (path: string) => {
    const answer = await app.request(path);
    return { status: answer.status, body: await answer.json() };
  };
  return { announce, get, app };
}

const present = { status: 200, body: { error: false, present: true, uri } };
const absent = { status: 200, body: { error: false, present: false } };

test('answers as the original does: present with its URI, absent, or what is wrong', async () => {
  const { announce, get } = await world();
  await announce('g');
  expect(await get('/presence/LSSTCam/g/0/R22_S11')).toEqual(present);
  expect(await get('/presence/LSSTCam/g/1/R22_S11')).toEqual(absent);
  expect(await get('/presence/HSC/g/0/R22_S11')).toEqual({
    status: 400,
    body: { error: true, message: 'Unknown instrument HSC' },
  });
  expect(await get('/presence/LSSTCam/g/0/R22_S119')).toEqual({
    status: 400,
    body: { error: true, message: 'Unrecognized detector name R22_S119' },
  });
  expect((await get('/presence/LSSTCam/g/-1/R22_S11')).status).toBe(404);
  expect((await get('/presence/LSSTCam/g/0/R22_S11/x')).status).toBe(404);
});

describe('a group with characters that an address has its own use for', () => {
  test.each(['2025-04-16T07:03:14.565#1', 'a+b c', 'a:b', '100%', 'a/b?c&d', 'żółć 星'])(
    '%s',
    async (group) => {
      const { announce, get } = await world();
      await announce(group);
      expect(await get(`/presence/LSSTCam/${encodeURIComponent(group)}/0/R22_S11`)).toEqual(present);
      const query = new URLSearchParams({ instrument: 'LSSTCam', group, snap: '0', detector: 'R22_S11' });
      expect(await get(`/presence?${query}`)).toEqual(present);
    },
  );

  test('a plus and colons that are not encoded are taken as they are, as the original’s client sends them', async () => {
    const { announce, get } = await world();
    await announce('2025-11-22T03:25:16.951+x');
    expect(await get('/presence/LSSTCam/2025-11-22T03:25:16.951+x/0/R22_S11')).toEqual(present);
  });
});

test('waits for an arrival as long as it is asked to, and no longer', async () => {
  const { announce, get } = await world();
  const began = performance.now();
  const answer = get('/presence/LSSTCam/g/0/R22_S11?wait=20');
  await pause(100);
  await announce('g');
  expect(await answer).toEqual(present);
  expect(performance.now() - began).toBeLessThan(5000);
  expect(await get('/presence/LSSTCam/other/0/R22_S11?wait=0.2')).toEqual(absent);
});

test('two hundred who ask at once are all answered right', async () => {
  const { announce, get } = await world();
  await announce('g');
  const asked = Array.from({ length: 200 }, (_, i) =>
    get(`/presence/LSSTCam/${i % 2 ? 'g' : 'h'}/0/R22_S11`),
  );
  for (const [i, answer] of (await Promise.all(asked)).entries())
    expect(answer).toEqual(i % 2 ? present : absent);
});

test('where arrivals do not answer, the original’s shape says so', async () => {
  const { get } = await world({ down: true });
  expect(await get('/presence/LSSTCam/g/0/R22_S11')).toEqual({
    status: 500,
    body: { error: true, message: 'arrivals does not answer.' },
  });
});
