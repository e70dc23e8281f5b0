import fc from 'fast-check';
import { isFault } from 'openfaas-sdk-ts';
import { expect, test } from 'vitest';
import { decode, partOfName, pathOfKey, refusalOf } from '#shared/drivers/fs/object-path.ts';

/** Reads a path back with the parts that the listing uses. */
function keyOfPath(path: string): string {
  const names = path.split('/');
  let [key, begun] = ['', ''];
  for (const [n, name] of names.entries()) {
    const isFolder = n < names.length - 1;
    const { encoded, isPiece } = partOfName(name, isFolder);
    begun += encoded;
    if (isPiece) continue;
    key += decode(begun) + (isFolder ? '/' : '');
    begun = '';
  }
  return key;
}

const segment = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('.', '%', '/', 'a', '+', '-', 'é', '\\', '2', 'E') }),
  fc.string({ unit: 'grapheme', minLength: 100, maxLength: 250 }),
  fc.constantFrom('', '.', '...', 'a', 'a.b', `${'x'.repeat(200)}..`, `${'x'.repeat(200)}.`),
);
const key = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  .filter((text) => refusalOf(text) === undefined);

test('an ordinary key is its own path', () => {
  for (const ordinary of [
    'LSSTCam/20250609/MC_O_20250609_000578/MC_O_20250609_000578_R01_S01.fits',
    'v2/alerts/169760/169760235333878021.avro.gz',
    'v2/schemas/1101.json',
    'FiberSpectrograph:101/fiberSpecBroad/2024/01/09/a.fits',
  ]) {
    expect(pathOfKey(ordinary)).toBe(ordinary);
  }
});

test('every key has a path of its own that leads back to it', () => {
  fc.assert(
    fc.property(key, key, (one, two) => {
      expect(keyOfPath(pathOfKey(one))).toBe(one);
      expect(pathOfKey(one) === pathOfKey(two)).toBe(one === two);
    }),
    { numRuns: 500 },
  );
});

test('every path stays below the bucket, with names that a file system takes', () => {
  fc.assert(
    fc.property(key, (one) => {
      for (const name of pathOfKey(one).split('/')) {
        expect(name).toMatch(/^[\x21-\x7e]{1,203}$/);
        expect(name).not.toMatch(/^\.{1,2}$/);
      }
    }),
    { numRuns: 500 },
  );
});

test('no path is a folder of another', () => {
  fc.assert(
    fc.property(key, key, (one, two) => {
      expect(pathOfKey(two).startsWith(`${pathOfKey(one)}/`)).toBe(false);
      const below = `${one}/${two}`;
      fc.pre(refusalOf(below) === undefined);
      expect(pathOfKey(below).startsWith(`${pathOfKey(one)}/`)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('says why a key is refused', () => {
  const refused = {
    '': /is empty/,
    '/a': /begins with "\/"/,
    'a/../b': /segment "\.\."/,
    ['x'.repeat(1025)]: /longer than 1024 bytes/,
    '\ud800': /half of a surrogate pair/,
  };
  for (const [bad, why] of Object.entries(refused)) {
    expect(() => pathOfKey(bad)).toThrow(why);
    expect(() => pathOfKey(bad)).toThrow(expect.toSatisfy((error) => isFault(error, 'NS_ITEM_REFUSED')));
  }
});
