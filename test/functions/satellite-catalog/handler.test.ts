import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFunction } from 'openfaas-sdk-ts';
import { expect, test, vi } from 'vitest';
import { parseSnapshotEntries } from '#shared/domain/satellites/snapshot-entry.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import satelliteCatalog from '../../../functions/satellite-catalog/handler.ts';
import { metric } from '../../openfaas-sdk-ts/on-sqlite.ts';
import { elementSets } from '../../support/element-sets.ts';
import { embeddedWorld } from '../../support/embedded.ts';
import { testFolder } from '../../support/folders.ts';

const night = () => Date.parse('2026-03-05T00:00:00Z');

test('the function publishes at its first tick, by night time, with its counts as metrics', async () => {
  const world = embeddedWorld();
  const folder = testFolder();
  const elements = join(folder, 'elements.json');
  writeFileSync(elements, JSON.stringify(elementSets(1, 30, '2026-03-04T20:00:00Z')));
  const sources = join(folder, 'sources.yaml');
  writeFileSync(sources, `sources:\n  - { name: one, kind: file, file: ${elements} }\n`);
  const fn = await world.start(satelliteCatalog, {
    environment: { SATELLITE_SOURCES_FILE: sources },
    time: { night },
  });
  const products = await world.open(objectStore('products'));
  await vi.waitFor(
    async () => expect(await products.head('satellites/snapshots/index.json')).toBeDefined(),
    15_000,
  );
  const index = Buffer.from((await products.get('satellites/snapshots/index.json'))!).toString();
  expect(parseSnapshotEntries(index)).toMatchObject([{ asOfUtc: '2026-03-05T00:00:00.000Z', count: 30 }]);
  const counts = (name: string, labels: string) => metric(fn, `nightshift_satellite_${name}`, labels);
  await vi.waitFor(async () => expect(await counts('newest_snapshot_age_hours', '')).toBeCloseTo(4, 6), 5000);
  expect(await counts('snapshots_total', 'outcome="published"')).toBe(1);
  expect(await counts('snapshots_total', 'outcome="shrunk"')).toBe(0);
  expect(await counts('source_fetches_total', 'source="one",outcome="new"')).toBe(1);
  expect(await counts('source_fetches_total', 'source="one",outcome="failed"')).toBe(0);
});

test.each<[string, string | undefined, RegExp]>([
  ['no sources file', undefined, /^SATELLITE_SOURCES_FILE is missing: set it/],
  [
    'one that is not there',
    '/nowhere/sources.yaml',
    /^SATELLITE_SOURCES_FILE \/nowhere\/sources\.yaml cannot be used: ENOENT/,
  ],
  [
    'a wrong one',
    'sources: [{ name: a, kind: ftp }]',
    /cannot be used: sources\[0\] \(a\)\.kind: kind must be/,
  ],
  [
    'Space-Track without its password',
    'sources: [{ name: a, kind: space-track }]',
    /^SPACETRACK_PASSWORD is missing/,
  ],
])('it does not start with %s', async (_, file, sentence) => {
  const world = embeddedWorld();
  const written = join(testFolder(), 'sources.yaml');
  if (file?.startsWith('sources')) writeFileSync(written, file);
  const SATELLITE_SOURCES_FILE = file?.startsWith('sources') ? written : file;
  const environment = {
    ...world.environment,
    SATELLITE_SOURCES_FILE,
    SPACETRACK_USER: 'me',
    LOG_LEVEL: 'silent',
  };
  const start = async () => {
    const fn = startFunction(satelliteCatalog, { environment });
    await fn.ready().finally(() => fn.stop());
  };
  await expect(start()).rejects.toThrow(sentence);
});
