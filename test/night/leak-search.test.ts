import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import { writeFits } from '#shared/domain/fits/write.ts';
import { testFolder } from '../support/folders.ts';
import { leaks, placesIn, placesTelling } from '../support/leak-search.ts';

const source = {
  diaSourceId: 169_760_235_333_878_021n,
  ra: 21.015_397_412_9,
  dec: -28.998_649_951_7,
  x: 103.281_94,
  // As a double it begins with four bytes of zeros.
  y: 77.5,
  bboxSky: [[21.0161, -28.9991]] as [number, number][],
};
const { ra, dec, x, y, diaSourceId } = source;
const radian = Math.PI / 180;
const bytesOf = (array: ArrayBufferView): Buffer => Buffer.from(array.buffer);
const found = (bytes: Buffer): boolean => leaks([{ name: 'file', bytes }], [source]).length > 0;

describe('the search for what must not be told', () => {
  it.each([
    ['as JSON writes it', Buffer.from(JSON.stringify({ ra }))],
    ['as JSON writes the declination', Buffer.from(`[0, ${dec}]`)],
    ['rounded to five decimals', Buffer.from(dec.toFixed(5))],
    ['rounded to eight', Buffer.from(ra.toFixed(8))],
    ['cut off after five', Buffer.from('21.01539')],
    ['rounded to four, with the other', Buffer.from(`${ra.toFixed(4)} ${dec.toFixed(4)}`)],
    ['as pixels', Buffer.from(`x=${x}, y=${y}`)],
    ['as a corner of its box', Buffer.from(JSON.stringify(source.bboxSky))],
    ['in radians', Buffer.from(String(dec * radian))],
    ['as a double', bytesOf(new Float64Array([0, ra]))],
    ['as a double, turned', bytesOf(new Float64Array([dec])).reverse()],
    ['as a double that was a float', bytesOf(new Float64Array([Math.fround(y)]))],
    ['as a double at an odd place', Buffer.concat([Buffer.from('abc'), bytesOf(new Float64Array([x]))])],
    ['as floats', bytesOf(new Float32Array([ra, dec]))],
    ['as floats, turned', bytesOf(new Float32Array([y, 5, x])).reverse()],
    ['as a unit vector', bytesOf(new Float64Array([Math.cos(dec * radian) * Math.sin(ra * radian)]))],
    ['by its id', Buffer.from(`{"id":${diaSourceId}}`)],
    ['by its id as eight bytes', bytesOf(new BigInt64Array([diaSourceId])).reverse()],
  ])('finds a place %s', (_, bytes) => {
    expect(found(bytes)).toBe(true);
  });

  it('finds nothing in what tells of its neighbour', () => {
    const [near, south] = [ra + 0.0005, dec - 0.0005];
    const text = JSON.stringify([near, south, diaSourceId.toString().slice(0, -1)]);
    const numbers = bytesOf(new Float64Array([near, south, x + 0.01]));
    expect(leaks([{ name: 'file', bytes: Buffer.concat([Buffer.from(text), numbers]) }], [source])).toEqual(
      [],
    );
    // One float may be a pixel.
    expect(found(bytesOf(new Float32Array([ra, 0, x])))).toBe(false);
  });

  it('tells what is known already no second time', () => {
    const places = [{ name: 'file', bytes: Buffer.from(`${ra} ${x}`) }];
    const before = [{ name: 'earlier', bytes: Buffer.from(String(ra)) }];
    expect(leaks(places, [source], before).filter((leak) => leak.includes('RA'))).toEqual([]);
    expect(leaks(places, [source], before)).not.toEqual([]);
  });
});

test('it looks into databases, archives, headers and names, but not at pixels', () => {
  const data = testFolder();
  mkdirSync(join(data, 'objects/products'), { recursive: true });
  const object = (name: string, bytes: Uint8Array | string) =>
    writeFileSync(join(data, 'objects', name), bytes);
  object('products/packed', gzipSync(Buffer.alloc(9000, 'abc ').fill(String(ra), 4000, 4012)));
  object(`products/${diaSourceId}.avro`, '');
  const pixels = new Float32Array(64).fill(ra, 0, 1).fill(dec, 1, 2);
  const image = { width: 8, height: 8, pixels };
  object('header.fits', writeFits([{ header: [] }, { header: [{ keyword: 'SRCRA', value: ra }], image }]));
  object('pixels.fits', writeFits([{ header: [], image }]));
  const database = new DatabaseSync(join(data, 'bus.sqlite'));
  database.exec('CREATE TABLE a (value)');
  database.prepare('INSERT INTO a VALUES (?)').run(dec);
  database.close();
  const packed = new DatabaseSync(join(data, 'butler.sqlite3'));
  packed.exec('CREATE TABLE "b c" (value)');
  packed.prepare('INSERT INTO "b c" VALUES (?)').run(gzipSync(String(x)));
  packed.close();
  expect(placesTelling(placesIn(data), [source]).sort()).toEqual([
    'bus.sqlite',
    'bus.sqlite rows',
    'butler.sqlite3 rows',
    `name of objects/products/${diaSourceId}.avro`,
    'objects/header.fits',
    'objects/products/packed',
  ]);
});
