import { gunzipSync, gzipSync } from 'node:zlib';
import type { RunningFunction } from 'openfaas-sdk-ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { aesSeal, embeddedSealKey } from '#shared/drivers/node/seal.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { hasSatellite } from '../../../cli/simulator/satellite-catalog.ts';
import { suiteFolder } from '../../support/folders.ts';
import {
  answer,
  bytes,
  crossedPlace,
  entry,
  idOf,
  list,
  logBook,
  plan,
  put,
  query,
  source,
  start,
  visitBody,
} from './requests.ts';

const data = suiteFolder();
const log = logBook();
let products: ObjectStore;
let fn: RunningFunction;
beforeAll(async () => {
  products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  fn = await start(data, {}, log);
});
afterAll(async () => {
  await fn.stop();
  await products.close();
});

const lines = gunzipSync(bytes).toString().trimEnd().split('\n');
/** Two of the night's satellites are public; all others are a private source's. */
const [open, secret] = [lines.slice(0, 2), lines.slice(2)];
const packed = (some: readonly string[]) => gzipSync(some.map((line) => `${line}\n`).join(''));
const sealedUnder = (key: string, some: readonly string[]) => aesSeal(key, 'catalog.key').seal(packed(some));
const ours = () => embeddedSealKey(data, 'catalog.key');

/** A snapshot of two parts, as satellite-catalog publishes it, or not quite. */
async function publishParts(id: string, sealed: Uint8Array | undefined, count = secret.length) {
  const part = { key: `satellites/snapshots/${id}.sealed`, count };
  const listed = { ...entry, id, key: `satellites/snapshots/${id}.jsonl.gz`, sealed: part };
  await products.put(listed.key, packed(open));
  if (sealed) await products.put(part.key, sealed);
  await list(products, [{ ...listed, count: open.length + count }]);
}

/** Words of the private element sets that nobody may read anywhere: numbers of objects, epochs, elements. */
const secretWords = secret.flatMap((line) =>
  Object.values(JSON.parse(line) as Record<string, unknown>)
    .map(String)
    .filter((word) => word.length >= 5 && !open.some((other) => other.includes(word))),
);

describe('a snapshot with a private part', () => {
  it('is judged by as a whole', async () => {
    await publishParts('whole', sealedUnder(ours(), secret));
    const crossed = Array.from({ length: 24 }, (_, index) => plan.visitAt(index)).filter(hasSatellite);
    expect(crossed.length).toBe(6);
    for (const visit of crossed) {
      expect((await put(fn, '/visit_cache', visitBody(visit))).status).toBe(200);
      const asked = await put(
        fn,
        '/diasource_allow_list',
        query(visit, [source(idOf(0), crossedPlace(visit))]),
      );
      expect(asked).toEqual({ status: 200, text: answer(visit, []) });
    }
  });

  const broken = secret.map((line, index) => (index === 1 ? line.replace('"INCL', '"INC') : line));
  const cut = secret.map((line, index) => (index === 1 ? line.slice(0, 40) : line));
  it.each<[string, () => Uint8Array | undefined, RegExp]>([
    ['is missing', () => undefined, /its object satellites\S+\.sealed is missing\.$/],
    [
      'is sealed under another key',
      () => sealedUnder('another', secret),
      /private part of the snapshot \S+ does not open: it was changed, or sealed under another CATALOG_SEAL_KEY/,
    ],
    [
      'was changed',
      () => sealedUnder(ours(), secret).map((byte, index) => (index === 40 ? byte ^ 1 : byte)),
      /does not open/,
    ],
    [
      'lacks a line',
      () => sealedUnder(ours(), secret.slice(1)),
      /private part of the snapshot \S+ holds \d+ element/,
    ],
    [
      'has a line that is no element set',
      () => sealedUnder(ours(), broken),
      /^Nothing can be allowed\. A line of the private part of the snapshot \S+ cannot be read\.$/,
    ],
    [
      'has a line that is cut',
      () => sealedUnder(ours(), cut),
      /A line of the private part of the snapshot \S+ cannot be read\.$/,
    ],
  ])('lets nothing through when that part %s', async (name, sealed, why) => {
    await publishParts(name.replaceAll(' ', '-'), sealed());
    const visit = plan.visitAt(1);
    const told = await put(fn, '/visit_cache', visitBody(visit));
    expect(told).toMatchObject({ status: 503, text: expect.stringMatching(why) });
    for (const word of secretWords) expect(told.text).not.toContain(word);
  });

  it('leaves no word of it in the log', () => {
    expect(secretWords.length).toBeGreaterThan(50);
    expect(log.entries().filter(({ reason }) => reason === 'broken_catalogue').length).toBeGreaterThan(5);
    // As words of their own: five digits stand in many a time and call id.
    const said = new Set(log.text().split(/[^\w.+-]+/));
    for (const word of secretWords) expect(said).not.toContain(word);
  });
});
