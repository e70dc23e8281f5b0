import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { elementSets } from '../../support/element-sets.ts';
import { testFolder } from '../../support/folders.ts';
import { satellitesIn } from '../../support/satellites-in.ts';
import { type CatalogWorld, catalogWorld, drop, HOUR } from './world.ts';

const epoch = '2026-03-04T22:00:00Z';

/** A bucket whose process dies right after its n-th put: that one is stored, and nothing follows. */
function dyingAfter(deaths: { at: number }) {
  return (store: ObjectStore): ObjectStore => ({
    ...store,
    async put(...put) {
      if (deaths.at === 0) throw new Error('dead');
      const stored = await store.put(...put);
      deaths.at -= 1;
      if (deaths.at === 0) throw new Error('dead');
      return stored;
    },
  });
}

/** What a reader sees: every listed snapshot is whole. */
async function readAll(world: CatalogWorld): Promise<number[]> {
  const counts = [];
  for (const entry of await world.snapshots()) {
    const lines = gunzipSync((await world.products.get(entry.key))!).toString();
    counts.push(satellitesIn(lines, entry.count - (entry.sealed?.count ?? 0)).length);
    if (entry.sealed) expect(await world.products.head(entry.sealed.key)).toBeDefined();
  }
  return counts;
}

test('whatever put it dies after, readers see whole snapshots, and the next tick ends what it began', async () => {
  const seen: { died: boolean; meanwhile: number[]; after: number[] }[] = [];
  for (let at = 1; seen.at(-1)?.died !== false; at++) {
    const [open, hidden] = [testFolder(), testFolder()];
    drop(open, 'a.json', JSON.stringify(elementSets(1, 30, epoch)));
    drop(hidden, 'a.json', JSON.stringify(elementSets(500, 5, epoch)));
    const deaths = { at };
    const sources = [
      { name: 'open', kind: 'folder', folder: open },
      { name: 'hidden', kind: 'folder', folder: hidden, private: true, required: true },
    ] as const;
    const world = await catalogWorld(sources, { products: dyingAfter(deaths) });
    const died = await world.tick().then(
      () => false,
      (error: Error) => error.message === 'dead',
    );
    const meanwhile = await readAll(world);
    deaths.at = Number.POSITIVE_INFINITY;
    await world.restart();
    world.wait(2 * HOUR);
    await world.tick();
    seen.push({ died, meanwhile, after: await readAll(world) });
    expect((await world.snapshots()).at(-1)).toMatchObject({ count: 35, sealed: { count: 5 } });
  }
  // Text and record of each source, two parts, entry, index: who dies after the entry has published.
  const nothing = { died: true, meanwhile: [], after: [30] };
  expect(seen).toEqual([
    ...Array.from({ length: 7 }, () => nothing),
    { died: true, meanwhile: [30], after: [30] },
    { died: false, meanwhile: [30], after: [30] },
  ]);
});

test('an index that is lost, or that another overwrote, comes back from the entries', async () => {
  const folder = testFolder();
  const world = await catalogWorld([{ name: 'open', kind: 'folder', folder }]);
  for (const count of [30, 31, 32]) {
    drop(folder, `${count}.json`, JSON.stringify(elementSets(1, count, epoch)));
    await world.tick();
    world.wait(60_000);
  }
  const whole = await world.snapshots();
  expect(whole.map(({ count }) => count)).toEqual([30, 31, 32]);
  const index = 'satellites/snapshots/index.json';
  for (const harm of [
    () => world.products.delete(index),
    async () =>
      void (await world.products.put(index, Buffer.from(JSON.stringify({ snapshots: [whole[1]] })))),
  ]) {
    await harm();
    await world.restart();
    await world.tick();
    expect(await world.snapshots()).toEqual(whole);
  }
});
