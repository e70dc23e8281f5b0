import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CardValue, Header } from '#shared/domain/fits/header.ts';
import type { Image } from '#shared/domain/fits/read.ts';
import { type NewHdu, writeFits } from '#shared/domain/fits/write.ts';
import { python, pythonWithPackages } from '../support/python.ts';
import { obtain } from '../support/services/availability.ts';
import { debianProgram } from '../support/services/packages.ts';

interface ReadHdu {
  readonly cards: readonly [string, unknown][];
  readonly shape?: readonly number[];
  readonly type?: string;
  readonly sha256?: string;
}

const astropy = await obtain(pythonWithPackages);
const funpack = await obtain(() => debianProgram('funpack', ['libcfitsio-bin']));

/** Noise of a sky by a small generator, with a row of every wild number that the type has. */
function fill<Pixels extends Image['pixels']>(pixels: Pixels, level: number, spread: number): Image {
  let seed = 20250609;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  for (let i = 0; i < pixels.length; i++) pixels[i] = level + spread * (random() + random() + random() - 1.5);
  for (let x = 0; x < 576; x++) pixels[3 * 576 + x] = (random() - 0.5) * 2 ** 32;
  pixels.fill(level, 5 * 576, 6 * 576);
  return { width: 576, height: 40, pixels };
}

const header: Header = [
  { keyword: 'OBSID', value: 'MC_O_20250609_000578', comment: 'an id' },
  { keyword: 'GROUPID', value: '2025-06-10T07:31:26.692' },
  { keyword: 'URI', value: `s3://raw/${"it's/".repeat(40)}x.fits`, comment: 'over several cards' },
  { keyword: 'STUTTER ROWS', value: 0 },
  { keyword: 'SEEING', value: null },
  { keyword: 'EXPID', value: 2n ** 60n + 1n },
  { keyword: 'RA', value: 320.62687495816675 },
  { keyword: 'TINY', value: -1.5e-300 },
  { keyword: 'TRACKING', value: true },
  { keyword: 'COMMENT', value: '---- Checksums ----' },
];

const size = 576 * 40;
const integers = [
  fill(new Uint8Array(size), 100, 9),
  fill(new Int16Array(size), 1000, 30),
  fill(new Uint16Array(size), 40_000, 30),
  fill(new Int32Array(size), 25_000, 30),
];
const floats = [fill(new Float32Array(size), 0, 1), fill(new Float64Array(size), 0, 1)];
floats[0].pixels[7] = Number.NaN;

const hdus: (NewHdu & { readonly image?: Image })[] = [
  { header },
  ...[...integers, ...floats].map((image, k) => ({
    header: [{ keyword: 'EXTNAME', value: `PLAIN${k}` }],
    image,
  })),
  ...integers.map((image, k) => ({
    header: [{ keyword: 'EXTNAME', value: `RICE${k}` }],
    image,
    compression: 'RICE_1' as const,
  })),
];

const TYPES = new Map<unknown, string>([
  [Uint8Array, 'uint8'],
  [Int16Array, 'int16'],
  [Uint16Array, 'uint16'],
  [Int32Array, 'int32'],
  [Float32Array, 'float32'],
  [Float64Array, 'float64'],
]);

/** What the oracle must tell of an image. */
function told({ width, height, pixels }: Image): Omit<ReadHdu, 'cards'> {
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return {
    shape: [height, width],
    type: TYPES.get(pixels.constructor),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

const inJson = (value: CardValue) =>
  Number.isInteger(value) || typeof value === 'bigint' ? String(value) : value;

describe.skipIf(astropy === undefined)('what writeFits writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-fits-'));
  const file = join(folder, 'written.fits');
  beforeAll(() => writeFileSync(file, writeFits(hdus)));
  afterAll(() => rmSync(folder, { recursive: true }));

  const oracle = async (path: string): Promise<ReadHdu[]> =>
    JSON.parse(await python(join(import.meta.dirname, 'fits-oracle.py'), [path]));

  it('is what astropy reads, verified, without a warning', async () => {
    const read = await oracle(file);
    expect(read).toHaveLength(hdus.length);
    const cards = new Map(read[0].cards);
    for (const { keyword, value } of header)
      expect([keyword, cards.get(keyword)]).toEqual([keyword, inJson(value)]);
    for (const [k, { image }] of hdus.entries()) if (image) expect(read[k]).toMatchObject(told(image));
  });

  it.skipIf(funpack === undefined)('is what funpack unpacks', async () => {
    const unpacked = join(folder, 'unpacked.fits');
    await promisify(execFile)(funpack ?? '', ['-O', unpacked, file]);
    const read = await oracle(unpacked);
    for (const [k, { image }] of hdus.entries()) if (image) expect(read[k]).toMatchObject(told(image));
  });
});
