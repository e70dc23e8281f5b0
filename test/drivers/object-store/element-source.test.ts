import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mjdUtc, parseIso } from '#shared/domain/time/scales.ts';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { bucketElementSource } from '#shared/drivers/object-store/element-source.ts';
import { elementSourceContract } from '../../contracts/element-source.ts';
import { opened } from '../../contracts/suite.ts';
import { testFolder } from '../../support/folders.ts';

const storeIn = (data: string) => fileObjectStore({ data, bucket: 'vault', createdEvents: false });
let seconds = 1_700_000_000;

elementSourceContract('a bucket', async () => {
  const data = testFolder();
  const store = await opened(() => storeIn(data));
  const put = async (key: string, text: string) => {
    await store.put(key, Buffer.from(text));
    const modified = seconds++;
    utimesSync(join(data, 'objects/vault', key), modified, modified);
  };
  return {
    open: async () => bucketElementSource({ name: 'tested', store: await storeIn(data), prefix: 'satf/' }),
    give: (text) => put(`satf/${seconds}.tle`, text),
    async remove() {
      for await (const { key } of store.list('')) await store.delete(key);
    },
    isConditional: true,
    canBeEmpty: true,
  };
});

test('what lies elsewhere in the bucket does not count', async () => {
  const data = testFolder();
  const store = await storeIn(data);
  const source = await opened(async () => bucketElementSource({ name: 'b', store, prefix: 'satf/' }));
  await store.put('elset/new.tle', Buffer.from('other'));
  expect(await source.fetch({})).toEqual({ kind: 'nothing' });
});

test('for a past date the object written nearest to it is given', async () => {
  const data = testFolder();
  const store = await storeIn(data);
  const source = await opened(async () => bucketElementSource({ name: 'b', store, prefix: '' }));
  for (const day of ['2026-03-01', '2026-03-04', '2026-03-09']) {
    await store.put(`satf/${day}.tle`, Buffer.from(day));
    utimesSync(join(data, 'objects/vault', `satf/${day}.tle`), new Date(day), new Date(day));
  }
  const fetched = await source.fetch({ near: mjdUtc(parseIso('2026-03-05')) });
  expect(fetched.kind === 'new' && Buffer.from(fetched.bytes).toString()).toBe('2026-03-04');
});
