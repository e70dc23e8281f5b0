import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { catalogSeal } from '#shared/wiring/seal.ts';
import { elementSets } from '../../support/element-sets.ts';
import { filesHolding } from '../../support/find-numbers.ts';
import { testFolder } from '../../support/folders.ts';
import { type CatalogWorld, catalogWorld, drop, HOUR } from './world.ts';

const epoch = '2026-03-04T22:13:57.123456Z';
/** Numbers and elements that nothing else has. */
const secrets = elementSets(271_828, 40, epoch).map((each, index) => ({
  ...each,
  OBJECT_NAME: `NIGHTJAR ${index}`,
  MEAN_MOTION: 13.98765431 + index / 1e7,
  INCLINATION: 63.4356789,
  RA_OF_ASC_NODE: 211.98765,
  MEAN_ANOMALY: 41.23456 + index / 1e4,
}));
const numbers = secrets.flatMap((each) => [
  each.NORAD_CAT_ID,
  BigInt(each.NORAD_CAT_ID),
  each.MEAN_MOTION,
  each.MEAN_ANOMALY,
  each.INCLINATION,
  each.RA_OF_ASC_NODE,
]);
const words = [
  'NIGHTJAR',
  '22:13:57',
  '63.4356789',
  '211.98765',
  ...secrets.map(({ NORAD_CAT_ID }) => `${NORAD_CAT_ID}`),
];

/** Files below a folder that hold a secret, gzipped ones also unpacked. */
function leaksIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const spoken = files.filter((file) => {
    const bytes = readFileSync(file);
    const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    return words.some((word) => text.includes(word));
  });
  return [...new Set([...spoken, ...filesHolding(folder, numbers)])];
}

test('private element sets stand nowhere but sealed: not in the data folder, the log or a temporary file', async () => {
  const [open, hidden] = [testFolder(), testFolder()];
  const temporary = mkdtempSync(join(tmpdir(), 'nightshift-private-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = temporary;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(temporary, { recursive: true });
  });
  drop(open, 'a.json', JSON.stringify(elementSets(1000, 60, epoch.replace('57.123456', '01'))));
  drop(hidden, 'a.json', JSON.stringify(secrets));
  const world = await catalogWorld([
    { name: 'public', kind: 'folder', folder: open },
    { name: 'vault', kind: 'folder', folder: hidden, private: true, required: true },
  ]);
  await world.tick();
  // What cannot be read is told without a word of it, be it one line or all of them.
  const bad = secrets.map((each, index) => (index === 3 ? { ...each, ECCENTRICITY: 63.4356789 } : each));
  for (const text of [
    JSON.stringify(bad),
    JSON.stringify(secrets).slice(0, -40),
    `NIGHTJAR\n${words.join(' ')}`,
  ]) {
    drop(hidden, 'b.json', text);
    world.wait(HOUR);
    await world.tick();
  }
  await world.restart();
  await world.tick();

  expect(leaksIn(hidden), 'the search finds what is there').toHaveLength(2);
  expect(leaksIn(world.data)).toEqual([]);
  expect(leaksIn(temporary)).toEqual([]);
  expect(words.filter((word) => world.log().includes(word))).toEqual([]);

  const [entry] = await world.snapshots();
  expect(entry).toMatchObject({ count: 100, sealed: { count: 40 } });
  const environment = (name: string) => ({ NIGHTSHIFT_DATA: world.data })[name];
  const seal = await catalogSeal.open({ environment, log: undefined as never, functionName: 'test' });
  const sealed = (await world.products.get(entry!.sealed!.key))!;
  const lines = gunzipSync(seal.open(sealed)).toString().trim().split('\n');
  expect(lines.map((line) => Number(JSON.parse(line).NORAD_CAT_ID))).toEqual(
    secrets.map(({ NORAD_CAT_ID }) => NORAD_CAT_ID),
  );
  expect(statSync(join(world.data, 'catalog.key')).mode & 0o777).toBe(0o600);
});

test('a source that becomes private is fetched anew, and kept sealed', async () => {
  const folder = testFolder();
  drop(folder, 'a.json', JSON.stringify(elementSets(1000, 60, epoch)));
  const source = { name: 'both', kind: 'folder', folder } as const;
  const world = await catalogWorld([source]);
  await world.tick();
  expect(await keptTexts(world)).toEqual([expect.stringMatching(/both\/[\w-]+\.gz$/)]);
  const record = (await world.products.get('satellites/sources/both.json'))!;
  const hidden = await catalogWorld([{ ...source, private: true }]);
  await hidden.products.put('satellites/sources/both.json', record);
  await hidden.tick();
  expect(await keptTexts(hidden)).toEqual([expect.stringMatching(/both\/[\w-]+\.sealed$/)]);
  expect(await hidden.snapshots()).toMatchObject([{ count: 60, sealed: { count: 60 } }]);
});

test('a kept text that does not open any more is told of, and fetched anew', async () => {
  const [open, hidden] = [testFolder(), testFolder()];
  drop(open, 'a.json', JSON.stringify(elementSets(1000, 60, epoch)));
  drop(hidden, 'a.json', JSON.stringify(secrets));
  const world = await catalogWorld([
    { name: 'open', kind: 'folder', folder: open },
    { name: 'both', kind: 'folder', folder: hidden, private: true, required: true },
  ]);
  await world.tick();
  const [key] = await keptTexts(world);
  await world.products.put(key!, Buffer.from('sealed under another key, of old'));
  drop(open, 'b.json', JSON.stringify(elementSets(1000, 61, epoch)));
  for (const counts of [[100], [100, 101]]) {
    world.wait(60_000);
    await world.tick();
    expect((await world.snapshots()).map(({ count }) => count)).toEqual(counts);
  }
  expect(world.log()).toMatch(
    /What was kept of the source both cannot be read, and is fetched anew: A sealed object/,
  );
});

async function keptTexts({ products }: CatalogWorld): Promise<string[]> {
  const keys = [];
  for await (const { key } of products.list('satellites/sources/both/')) keys.push(key);
  return keys;
}
