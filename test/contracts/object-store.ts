import { createHash, randomUUID } from 'node:crypto';
import { isFault } from 'openfaas-sdk-ts';
import { describe, expect, test, vi } from 'vitest';
import { parseRecords } from '#shared/domain/ingest/notification.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { hostileNames, type Open, opened, type World } from './suite.ts';

export interface ObjectStoreSuite {
  readonly world: World;
  /** Opens the suite's one bucket; tests keep to prefixes of their own. */
  readonly open: Open<ObjectStore>;
  /** Bodies of the created events that were POSTed so far, as they came. */
  readonly posted: readonly unknown[];
  /** How long after a put its event may come, ms. */
  readonly eventsWithinMs: number;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What every object-store does, whatever it stands on. */
export function objectStoreContract(name: string, suite: ObjectStoreSuite): void {
  const { world, open, posted, eventsWithinMs } = suite;
  async function fresh() {
    const base = randomUUID();
    const store = await opened(open);
    const keysOf = async (prefix: string, after?: string) =>
      (await Array.fromAsync(store.list(prefix, { after }))).map((facts) => facts.key);
    return { store, base, keysOf };
  }
  const eventsOf = (key: string) =>
    posted
      .flatMap(parseRecords)
      .flatMap(({ event }) => (event ? [event] : []))
      .filter((event) => event.key === key);

  describe(`object-store on ${name}`, () => {
    test('keeps bytes whole, none and many', async () => {
      const { store, base } = await fresh();
      const every = Uint8Array.from({ length: 256 }, (_, n) => n);
      const many = Buffer.alloc(8 << 20, every);
      for (const [n, bytes] of [new Uint8Array(), every, many].entries()) {
        const key = `${base}/${n}.fits`;
        expect(await store.put(key, bytes)).toEqual({ stored: true });
        const got = await store.get(key);
        expect(got?.length).toBe(bytes.length);
        expect(md5(got!)).toBe(md5(bytes));
        const facts = await store.head(key);
        expect(facts).toEqual({ key, size: bytes.length, eTag: md5(bytes), modifiedMs: expect.any(Number) });
        expect(Math.abs(facts!.modifiedMs - Date.now())).toBeLessThan(60_000);
      }
    });

    test('answers nothing for what is not there, which is no fault', async () => {
      const { store, base, keysOf } = await fresh();
      await store.put(`${base}/there`, bytesOf('x'));
      for (const key of [`${base}/missing`, `${base}/there/below`, `${base}`]) {
        expect(await store.get(key)).toBeUndefined();
        expect(await store.head(key)).toBeUndefined();
        await store.delete(key);
      }
      expect(await keysOf(`${base}/nothing/`)).toEqual([]);
    });

    test('replaces, deletes and stores again', async () => {
      const { store, base, keysOf } = await fresh();
      const key = `${base}/x`;
      await store.put(key, bytesOf('old'));
      await store.put(key, bytesOf('newer'), { contentType: 'text/plain' });
      expect(textOf(await store.get(key))).toBe('newer');
      expect(await store.head(key)).toMatchObject({ size: 5, eTag: md5(bytesOf('newer')) });
      await store.delete(key);
      expect(await store.get(key)).toBeUndefined();
      expect(await keysOf(base)).toEqual([]);
      expect(await store.put(key, bytesOf('again'), { ifAbsent: true })).toEqual({ stored: true });
    });

    test('stores only where nothing is, when told so', async () => {
      const { store, base } = await fresh();
      const key = `${base}/bundle`;
      expect(await store.put(key, bytesOf('first'), { ifAbsent: true })).toEqual({ stored: true });
      expect(await store.put(key, bytesOf('second'), { ifAbsent: true })).toEqual({ stored: false });
      expect(textOf(await store.get(key))).toBe('first');
      expect(await store.head(key)).toMatchObject({ eTag: md5(bytesOf('first')) });
    });

    test('of 20 conditional writers at once, one stores', async () => {
      const { base } = await fresh();
      const stores = await Promise.all(Array.from({ length: 20 }, () => opened(open)));
      const key = `${base}/race`;
      const answers = await Promise.all(
        stores.map((store, n) => store.put(key, bytesOf(`writer ${n}`), { ifAbsent: true })),
      );
      const winners = answers.flatMap(({ stored }, n) => (stored ? [n] : []));
      expect(winners).toHaveLength(1);
      expect(textOf(await stores[0].get(key))).toBe(`writer ${winners[0]}`);
    });

    test('a reader never sees a part of an object', async () => {
      const { store, base } = await fresh();
      const key = `${base}/swapped`;
      const versions = [1, 2, 3].map((digit) => Buffer.alloc(2 << 20, `${digit}`));
      await store.put(key, versions[0]);
      let writing = true;
      const writes = (async () => {
        for (let n = 0; n < 20; n++) await store.put(key, versions[n % 3]);
        writing = false;
      })();
      const known = new Set(versions.map(md5));
      while (writing) expect(known).toContain(md5((await store.get(key))!));
      await writes;
    });

    test('lists in order of the bytes of the keys, by prefix and after a key', async () => {
      const { store, base, keysOf } = await fresh();
      const names = [
        'a',
        'a-b',
        'a.b',
        'a/b',
        'a/b/c',
        'a/c',
        'a0',
        'B',
        'b',
        'b!/x',
        'b/x',
        'é',
        '星',
        '🔭',
        '﹩',
      ];
      const keys = names.map((text) => `${base}/${text}`);
      await Promise.all(keys.map((key) => store.put(key, bytesOf(key))));
      const ordered = keys.toSorted(byBytes);
      expect(await keysOf(`${base}/`)).toEqual(ordered);
      expect(await keysOf(`${base}/a/`)).toEqual([`${base}/a/b`, `${base}/a/b/c`, `${base}/a/c`]);
      expect(await keysOf(`${base}/a`)).toEqual(ordered.filter((key) => key.startsWith(`${base}/a`)));
      for (const after of [...ordered, `${base}/a/bb`, `${base}/a/`, `${base}/aa/x`]) {
        expect(await keysOf(`${base}/`, after)).toEqual(ordered.filter((key) => byBytes(key, after) > 0));
      }
      const facts = await Array.fromAsync(store.list(`${base}/a/c`));
      const [bytes] = [bytesOf(`${base}/a/c`)];
      expect(facts).toEqual([
        { key: `${base}/a/c`, size: bytes.length, eTag: md5(bytes), modifiedMs: expect.any(Number) },
      ]);
    });

    test('lists more than one page', { timeout: 120_000 }, async () => {
      const { store, base, keysOf } = await fresh();
      const keys = Array.from({ length: 1100 }, (_, n) => `${base}/${String(n).padStart(4, '0')}`);
      for (let n = 0; n < keys.length; n += 50) {
        await Promise.all(keys.slice(n, n + 50).map((key) => store.put(key, bytesOf('x'))));
      }
      expect(await keysOf(base)).toEqual(keys);
    });

    test('takes any key', async () => {
      const { store, base, keysOf } = await fresh();
      const keys = [
        ...hostileNames,
        'folder/and',
        'folder',
        'dotted.name',
        'dotted.name/below',
        'two//slashes',
        'ends/in/slash/',
        '.hidden/...',
        `${'long'.repeat(70)}/${'é'.repeat(120)}/${'x'.repeat(300)}`,
      ].map((text) => `${base}/${text}`);
      for (const key of keys) expect(await store.put(key, bytesOf(key))).toEqual({ stored: true });
      for (const key of keys) expect(textOf(await store.get(key))).toBe(key);
      expect(await keysOf(`${base}/`)).toEqual(keys.toSorted(byBytes));
      for (const key of keys) {
        await store.delete(key);
        expect(await store.head(key)).toBeUndefined();
      }
      expect(await keysOf(`${base}/`)).toEqual([]);
    });

    test('refuses a key that would leave the bucket, or is none', async () => {
      const { store } = await fresh();
      for (const key of ['', '/etc/passwd', '../other/x', 'a/../../b', 'a/..', '..', 'x'.repeat(1025)]) {
        const refused = (error: unknown) => isFault(error, 'NS_ITEM_REFUSED');
        await expect(store.put(key, bytesOf('x')), key).rejects.toSatisfy(refused);
        await expect(store.get(key), key).rejects.toSatisfy(refused);
        await expect(store.head(key), key).rejects.toSatisfy(refused);
        await expect(store.delete(key), key).rejects.toSatisfy(refused);
      }
    });

    test('an aborted call fails, and an aborted put of nothing stores nothing', async () => {
      const { store, base } = await fresh();
      const aborted = { signal: AbortSignal.abort() };
      await expect(store.put(`${base}/x`, bytesOf('x'), aborted)).rejects.toThrow();
      expect(await store.get(`${base}/x`)).toBeUndefined();
      await store.put(`${base}/x`, bytesOf('x'));
      await expect(store.get(`${base}/x`, aborted)).rejects.toThrow();
      await expect(Array.fromAsync(store.list(base, aborted))).rejects.toThrow();
    });

    test('tells of each stored object, and only of these', { timeout: 120_000 }, async () => {
      const { store, base } = await fresh();
      const keys = [...hostileNames.map((text) => `${base}/${text}`), `${base}/plain.fits`];
      for (const key of keys) await store.put(key, bytesOf(key));
      const sizeOf = (key: string) => bytesOf(key).length;
      await vi.waitFor(
        () => {
          for (const key of keys) expect(eventsOf(key), key).not.toHaveLength(0);
        },
        { timeout: eventsWithinMs, interval: 50 },
      );
      for (const key of keys) {
        const [event] = eventsOf(key);
        expect(event).toMatchObject({ bucket: store.bucket, eTag: md5(bytesOf(key)) });
        expect(event.eventName).toMatch(/^(s3:)?ObjectCreated:Put$/);
        expect(event.sequencer).toMatch(/^[0-9A-F]+$/i);
      }
      const sizes = posted.flatMap((body) => JSON.stringify(body).match(/"size":\d+/g) ?? []);
      expect(sizes).toContain(`"size":${sizeOf(`${base}/plain.fits`)}`);
    });

    test('sequencers of one object rise, past a refused conditional put [object-refused-put-event]', {
      timeout: 120_000,
    }, async () => {
      const { store, base } = await fresh();
      const key = `${base}/versions.fits`;
      const texts = ['one', 'two', 'three'];
      for (const text of texts) await store.put(key, bytesOf(text));
      expect(await store.put(key, bytesOf('refused'), { ifAbsent: true })).toEqual({ stored: false });
      const sequencerOf = (text: string) => {
        const event = eventsOf(key).find(({ eTag }) => eTag === md5(bytesOf(text)));
        return event?.sequencer === undefined ? undefined : BigInt(`0x${event.sequencer}`);
      };
      await vi.waitFor(() => expect(texts.map(sequencerOf)).not.toContain(undefined), {
        timeout: eventsWithinMs,
        interval: 50,
      });
      const [one, two, three] = texts.map((text) => sequencerOf(text)!);
      expect(one < two && two < three).toBe(true);
      if (world === 'embedded') expect(sequencerOf('refused')).toBeUndefined();
      else await vi.waitFor(() => expect(sequencerOf('refused')).toBeDefined(), { timeout: eventsWithinMs });
    });
  });
}
