import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { chooseSnapshot, snapshotOf } from '#shared/domain/satellites/snapshot.ts';
import { mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import { testServer } from '../../drivers/http/server.ts';
import { elementSets } from '../../support/element-sets.ts';
import { testFolder } from '../../support/folders.ts';
import { satellitesIn } from '../../support/satellites-in.ts';
import { type SpaceTrackServer, spaceTrackServer } from '../../support/space-track-server.ts';
import { type CatalogWorld, catalogWorld, drop, HOUR } from './world.ts';

const epoch = '2026-03-04T22:00:00Z';
const json = (first: number, count: number, epochUtc = epoch) =>
  JSON.stringify(elementSets(first, count, epochUtc));
const spaceTrack = (url: string) => ({ name: 'st', kind: 'space-track', url, required: true }) as const;
const folderOf = (name: string, folder: string) => ({ name, kind: 'folder', folder }) as const;
const published = (world: CatalogWorld, outcome: string) =>
  world.count('nightshift_satellite_snapshots_total', { outcome });
const fetched = (world: CatalogWorld, source: string, outcome: string) =>
  world.count('nightshift_satellite_source_fetches_total', { source, outcome });

test('sources are merged to a snapshot that the gate can read', async () => {
  const server = await spaceTrackServer(json(1000, 300));
  const folder = testFolder();
  drop(folder, 'more.json', json(1250, 100, '2026-03-04T23:00:00Z'));
  const world = await catalogWorld([spaceTrack(server.url), folderOf('drop', folder)]);
  await world.tick();
  const [entry, ...others] = await world.snapshots();
  expect(others).toEqual([]);
  expect(entry).toMatchObject({
    asOfUtc: '2026-03-05T00:00:00.000Z',
    count: 350,
    oldestEpochUtc: '2026-03-04T22:00:00.000Z',
    newestEpochUtc: '2026-03-04T23:00:00.000Z',
    sources: [
      { name: 'st', count: 300 },
      { name: 'drop', count: 100 },
    ],
  });
  const lines = gunzipSync((await world.products.get(entry!.key))!).toString();
  expect(satellitesIn(lines, entry!.count)).toHaveLength(350);
  expect(await world.products.get(`satellites/snapshots/${entry!.id}.json`)).toBeDefined();
  const choice = chooseSnapshot([snapshotOf(entry!)], mjdUtcFromUnixMs(world.clock.night), {
    maxAgeHours: 24,
    historical: false,
  });
  expect(choice.snapshot?.id).toBe(entry!.id);
  expect(await world.count('nightshift_satellite_newest_snapshot_age_hours')).toBeCloseTo(1, 6);
});

test('of what nothing changed there is no second snapshot, in this launch and the next', async () => {
  const folder = testFolder();
  drop(folder, 'a.json', json(1, 20));
  const world = await catalogWorld([folderOf('drop', folder)]);
  for (let hour = 0; hour < 3; hour++) {
    await world.tick();
    world.wait(HOUR);
    if (hour === 1) await world.restart();
  }
  expect(await world.snapshots()).toHaveLength(1);
  expect(await published(world, 'unchanged')).toBe(1);
  drop(folder, 'b.json', json(1, 21));
  await world.tick();
  expect((await world.snapshots()).map(({ count }) => count)).toEqual([20, 21]);
});

test('a folder without a file is said once, and is no error', async () => {
  const world = await catalogWorld([folderOf('drop', testFolder())]);
  for (let n = 0; n < 3; n++) await world.tick();
  expect(world.log().match(/has no file yet/g)).toHaveLength(1);
  expect(world.log()).not.toContain('"level":50');
  expect(await world.snapshots()).toEqual([]);
});

test('a folder may be looked at more rarely, and a missing one is looked for again and again', async () => {
  const folder = testFolder();
  drop(folder, 'a.json', json(1, 20));
  const gone = folderOf('gone', join(folder, 'gone'));
  const world = await catalogWorld([
    { ...folderOf('rare', folder), everyMinutes: 30 },
    { ...gone, everyMinutes: 8 },
  ]);
  for (let minute = 0; minute <= 60; minute++) {
    await world.tick();
    world.wait(60_000);
  }
  expect(await fetched(world, 'rare', 'unchanged')).toBe(2);
  const failures = (await fetched(world, 'gone', 'failed')) ?? 0;
  // After 1, 2, 4, 8, 8, ... minutes, and up to a quarter more.
  expect(failures).toBeGreaterThanOrEqual(8);
  expect(failures).toBeLessThanOrEqual(11);
});

describe('Space-Track', () => {
  const queries = ({ received }: SpaceTrackServer) =>
    received.filter(({ url }) => url.includes('/query/')).length;

  test('is asked once an hour at most, whatever replica asks and however often one dies', async () => {
    const server = await spaceTrackServer(json(1000, 10));
    const world = await catalogWorld([spaceTrack(server.url)]);
    for (let minute = 0; minute < 59; minute += 10) {
      await world.tick();
      world.wait(10 * 60_000);
      await world.restart();
    }
    await world.tick();
    // A tenth more than an hour, for the jitter.
    world.wait(7 * 60_000);
    expect(queries(server)).toBeLessThanOrEqual(2);
    await world.tick();
    expect(queries(server)).toBe(2);
    expect(await world.snapshots()).toHaveLength(1);
  });

  test.each([
    ['429', (server: SpaceTrackServer) => (server.query = (reply) => reply.writeHead(429).end())],
    ['500', (server: SpaceTrackServer) => (server.query = (reply) => reply.writeHead(500).end())],
    [
      'a wrong password',
      (server: SpaceTrackServer) => (server.login = (reply) => reply.end('{"Login":"Failed"}')),
    ],
    [
      'HTML with 200',
      (server: SpaceTrackServer) => (server.query = (reply) => reply.end('<html>maintenance</html>')),
    ],
    ['a cut list', (server: SpaceTrackServer) => (server.catalogue = json(1000, 300).slice(0, -5000))],
    ['its own error with 200', (server: SpaceTrackServer) => (server.catalogue = '{"error":"rate limit"}')],
  ])('that answers %s leaves the catalogue in force, with a reason in the log', async (_, breakIt) => {
    const server = await spaceTrackServer(json(1000, 300));
    const world = await catalogWorld([spaceTrack(server.url)]);
    await world.tick();
    const before = await world.snapshots();
    breakIt(server);
    world.wait(2 * HOUR);
    await world.tick();
    expect(await world.snapshots()).toEqual(before);
    expect(await fetched(world, 'st', 'failed')).toBe(1);
    expect(world.log()).toMatch(/"level":50.*"source":"st".*\.("|\\)/);
    expect(world.log()).not.toMatch(/chocolatechip|p&ss=word/);
    const asked = server.received.length;
    world.wait(30 * 60_000);
    await world.tick();
    expect(server.received).toHaveLength(asked);
  });

  test('that never answered is a missing source; nothing is published of the others', async () => {
    const server = await spaceTrackServer('[]');
    const folder = testFolder();
    drop(folder, 'a.json', json(1, 20));
    const world = await catalogWorld([spaceTrack(server.url), folderOf('drop', folder)]);
    await world.tick();
    expect(await world.snapshots()).toEqual([]);
    expect(await published(world, 'missing_source')).toBe(1);
    expect(world.log()).toMatch(
      /no new satellite catalogue.*The source st, which is required, gave nothing yet/,
    );
  });
});

describe('a snapshot is refused, and the one before stays in force', () => {
  async function withBefore() {
    const folder = testFolder();
    drop(folder, 'a.json', json(1, 1000));
    const world = await catalogWorld([folderOf('drop', folder)]);
    await world.tick();
    return { world, folder, before: await world.snapshots() };
  }

  test('where it is 6 % smaller, and not where it is 4 % smaller', async () => {
    const { world, folder, before } = await withBefore();
    drop(folder, 'b.json', json(1, 940));
    await world.tick();
    expect(await world.snapshots()).toEqual(before);
    expect(await published(world, 'shrunk')).toBe(1);
    expect(world.log()).toMatch(/940 objects, more than 5 % fewer than the 1000 before/);
    drop(folder, 'c.json', json(1, 960));
    world.wait(60_000);
    await world.tick();
    expect((await world.snapshots()).at(-1)).toMatchObject({ count: 960 });
  });

  test('where its element sets are old', async () => {
    const folder = testFolder();
    drop(folder, 'a.json', json(1, 10, '2026-03-03T22:00:00Z'));
    const world = await catalogWorld([folderOf('drop', folder)]);
    await world.tick();
    expect(await world.snapshots()).toEqual([]);
    expect(await published(world, 'stale')).toBe(1);
    await world.tick();
    expect(await published(world, 'stale'), 'told once an hour').toBe(1);
    world.wait(HOUR);
    await world.tick();
    expect(await published(world, 'stale')).toBe(2);
  });

  test('where a required source has only old ones, by its own limit', async () => {
    const [open, hidden] = [testFolder(), testFolder()];
    drop(open, 'a.json', json(1, 1000));
    drop(hidden, 'a.json', json(5000, 10, '2026-03-02T22:00:00Z'));
    const secret = { ...folderOf('secret', hidden), private: true, required: true };
    const strict = await catalogWorld([folderOf('drop', open), secret]);
    await strict.tick();
    expect(await strict.snapshots()).toEqual([]);
    expect(strict.log()).toMatch(/The source secret, which is required, has no element set within 24 h/);
    const patient = await catalogWorld([folderOf('drop', open), { ...secret, maxAgeHours: 72 }]);
    await patient.tick();
    expect(await patient.snapshots()).toMatchObject([{ count: 1010, sealed: { count: 10 } }]);
  });
});

test('a source that answers 304 for 25 h is seen as ageing: no new snapshot makes its element sets younger', async () => {
  let asked = 0;
  const server = await testServer((response, _, request) => {
    asked++;
    response.setHeader('etag', '"same"');
    if (request.headers['if-none-match'] === '"same"') response.writeHead(304).end();
    else response.end(json(1, 100));
  });
  const world = await catalogWorld([{ name: 'web', kind: 'http', url: server.url, everyMinutes: 30 }]);
  await world.tick();
  for (let hour = 0; hour < 25; hour++) {
    world.wait(HOUR);
    await world.tick();
  }
  expect(asked).toBe(26);
  expect(await fetched(world, 'web', 'unchanged')).toBe(asked - 1);
  const snapshots = await world.snapshots();
  expect(snapshots).toHaveLength(1);
  expect(await world.count('nightshift_satellite_newest_snapshot_age_hours')).toBeCloseTo(27, 3);
  const now = mjdUtcFromUnixMs(world.clock.night);
  const rules = { maxAgeHours: 24, historical: false };
  expect(chooseSnapshot(snapshots.map(snapshotOf), now, rules)).toMatchObject({ reason: 'stale_catalogue' });
});

test('element sets whose epochs were to come make the catalogue fresher when they have come', async () => {
  const folder = testFolder();
  const soon = elementSets(1, 10, epoch).map((each, index) => ({
    ...each,
    EPOCH: index < 5 ? each.EPOCH : '2026-03-05T10:00:00',
  }));
  drop(folder, 'a.json', JSON.stringify(soon));
  const world = await catalogWorld([folderOf('drop', folder)]);
  for (let hour = 0; hour < 20; hour++) {
    await world.tick();
    world.wait(HOUR);
  }
  expect((await world.snapshots()).map(({ newestEpochUtc }) => newestEpochUtc)).toEqual([
    '2026-03-04T22:00:00.000Z',
    '2026-03-05T10:00:00.000Z',
  ]);
});

test('a slow download is waited for by later ticks, and not started again', async () => {
  let finish = () => {};
  const server = await testServer((response) => {
    finish = () => response.end(json(1, 50));
  });
  const folder = testFolder();
  drop(folder, 'a.json', json(100, 10));
  const slow = { name: 'slow', kind: 'http', url: server.url, required: true } as const;
  const world = await catalogWorld([slow, folderOf('drop', folder)], { patienceMs: 200 });
  for (let n = 0; n < 2; n++) await world.tick();
  expect(server.received).toHaveLength(1);
  expect(await published(world, 'missing_source'), 'it may still come').toBe(0);
  expect(await world.snapshots()).toEqual([]);
  finish();
  await vi.waitFor(async () => {
    await world.tick();
    expect(await world.snapshots()).toMatchObject([{ count: 60 }]);
  }, 5000);
});

test('a stop ends what is under way', async () => {
  const server = await testServer(() => {});
  const world = await catalogWorld([{ name: 'mute', kind: 'http', url: server.url }], { patienceMs: 200 });
  await world.tick();
  const begun = performance.now();
  await world.restart();
  expect(performance.now() - begun).toBeLessThan(2000);
});
