import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseHeader } from '#shared/domain/fits/card-reader.ts';
import { dataLength } from '#shared/domain/fits/extent.ts';
import { type CardValue, type Header, numberOf } from '#shared/domain/fits/header.ts';
import { numberAt, openTable } from '#shared/domain/fits/heap.ts';
import { type Hdu, type Image, readFits } from '#shared/domain/fits/read.ts';
import { isCompressedImage } from '#shared/domain/fits/tiles.ts';
import { type NewHdu, writeFits } from '#shared/domain/fits/write.ts';
import { writeProduct } from '#shared/domain/image/products.ts';
import { mjdTai } from '#shared/domain/time/scales.ts';
import { embargoCards } from '#shared/domain/visit/embargo.ts';
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
const fitsverify = await obtain(() => debianProgram('fitsverify', ['fitsverify']));

/** What astropy reads, and an Error where it finds anything wrong. */
const oracle = async (path: string): Promise<ReadHdu[]> =>
  JSON.parse(await python(join(import.meta.dirname, 'fits-oracle.py'), [path]));

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
floats[0].pixels.fill(0, 900, 960);

const packed = (name: string, images: readonly Image[], compression: NewHdu['compression']) =>
  images.map((image, k) => ({ header: [{ keyword: 'EXTNAME', value: `${name}${k}` }], image, compression }));

const steps = [0.05, { perNoise: 16 }] as const;
const dithers = ['NO_DITHER', 'SUBTRACTIVE_DITHER_1', 'SUBTRACTIVE_DITHER_2'] as const;
const lossy = dithers.flatMap((dither) =>
  steps.flatMap((step, k) => packed(`${dither}_${k}_`, [floats[0]], { dither, step })),
);

const hdus: (NewHdu & { readonly image?: Image })[] = [
  { header },
  ...packed('PLAIN', [...integers, ...floats], undefined),
  ...packed('RICE', integers, 'RICE_1'),
  ...lossy,
  // behind the others: cfitsio 4.2 takes an undithered image that follows a lossless one of floats for lossless, too
  ...packed('GZIP', [...integers, ...floats], 'GZIP_2'),
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
  const plain = pixels.map((value) => (Number.isNaN(value) ? Number.NaN : value)); // one NaN of the many
  const bytes = new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
  return {
    shape: [height, width],
    type: TYPES.get(pixels.constructor),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

const inJson = (value: CardValue) =>
  Number.isInteger(value) || typeof value === 'bigint' ? String(value) : value;

function makeProduct(): Uint8Array {
  const { pixels } = fill(new Float32Array(size), 0, 30);
  const image = (y: number, out: Float32Array) =>
    out.set(pixels.subarray(300 * (y % 40), 300 * (y % 40) + 300));
  return writeProduct({
    cards: embargoCards(mjdTai(60_835.5), 80),
    rows: {
      width: 300,
      height: 200,
      image,
      variance: (_, out) => out.fill(900),
      mask: (y, out) => out.fill(y & 3),
    },
    psfAt: () => ({ half: 1, values: new Float64Array(9).fill(1 / 9) }),
    wcs: { crpix: [150, 100], crvalDeg: [150.1, 2.2], cd: [-5.5e-5, 0, 0, 5.5e-5] },
    unit: 'nJy',
    sourceVariance: 1,
  });
}

describe.skipIf(astropy === undefined)('what writeFits writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-fits-'));
  const file = join(folder, 'written.fits');
  const written = writeFits(hdus);
  /** What went in, or for floats in steps what readFits makes of them. */
  const images = readFits(written).map(({ image }, k) =>
    typeof hdus[k].compression === 'object' ? image : hdus[k].image,
  );
  beforeAll(() => writeFileSync(file, written));
  const product = join(folder, 'product.fits');
  beforeAll(() => writeFileSync(product, makeProduct()));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is what astropy reads, verified, without a warning', async () => {
    const read = await oracle(file);
    expect(read).toHaveLength(hdus.length);
    const cards = new Map(read[0].cards);
    for (const { keyword, value } of header)
      expect([keyword, cards.get(keyword)]).toEqual([keyword, inJson(value)]);
    for (const [k, image] of images.entries())
      if (image) expect([k, read[k]]).toMatchObject([k, told(image)]);
  });

  it.skipIf(funpack === undefined)('is what funpack unpacks', async () => {
    const unpacked = join(folder, 'unpacked.fits');
    await promisify(execFile)(funpack ?? '', ['-O', unpacked, file]);
    const read = await oracle(unpacked);
    for (const [k, image] of images.entries())
      if (image) expect([k, read[k]]).toMatchObject([k, told(image)]);
  });

  it('is, as a product, what astropy reads without a warning and as we do', async () => {
    const read = await oracle(product);
    for (const [k, { image }] of readFits(readFileSync(product)).entries())
      if (image) expect([k, read[k]]).toMatchObject([k, told(image)]);
    expect(read.map(({ cards }) => new Map(cards).get('EXTNAME'))).toEqual([
      undefined,
      ...['IMAGE', 'VARIANCE', 'MASK', 'PSF'],
    ]);
    expect(new Map(read[3].cards).get('MP_DETECTED_NEGATIVE')).toBe('6');
    const primary = new Map(read[0].cards);
    // 2025-06-09T12:00:00 TAI and 80 hours.
    expect([primary.get('EMBARGO'), primary.get('EMBHOURS')]).toEqual(['2025-06-12T19:59:23.000', '80']);
  });

  it.skipIf(fitsverify === undefined)('is what fitsverify finds nothing wrong in', () => {
    const complaints = (path: string) =>
      spawnSync(fitsverify ?? '', [path], { encoding: 'utf8' }).stdout.match(/^\*\*\* .*$|^\*{4} .*$/gm);
    expect(complaints(product)).toEqual(['**** Verification found 0 warning(s) and 0 error(s). ****']);
    // what the standard has and this program calls unusual: a value that is not known, a string over several cards
    expect(complaints(file)).toEqual([
      '*** Warning: Keyword #12, SEEING has a null value.',
      '*** Warning: The OGIP long string keyword convention is used without the',
      '**** Verification found 2 warning(s) and 0 error(s). ****',
    ]);
  });
});

describe.skipIf(astropy === undefined || funpack === undefined)('what fpack writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-fpack-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The images as fpack and our reader see them, and as funpack unpacks fpack's file. */
  async function throughFpack(name: string, images: readonly Image[], flags: readonly string[]) {
    const [plain, small, large] = ['fits', 'fz', 'unpacked'].map((kind) => join(folder, `${name}.${kind}`));
    writeFileSync(plain, writeFits([{ header: [] }, ...images.map((image) => ({ header: [], image }))]));
    await promisify(execFile)('fpack', [...flags, '-O', small, plain]);
    await promisify(execFile)(funpack ?? '', ['-O', large, small]);
    const bytes = readFileSync(small);
    return {
      bytes,
      path: small,
      ours: readFits(bytes).slice(1),
      theirs: readFits(readFileSync(large)).slice(1),
    };
  }

  it.each([['-r'], ['-r', '-t', '100,7'], ['-r', '-w'], ['-g2'], ['-g1', '-t', '33,40']])(
    'is read bit by bit, with raw blocks and blocks of equals: integers, %s %s %s',
    async (...flags) => {
      const { ours } = await throughFpack(`integers${flags.join('')}`, integers, flags);
      expect(ours.map(({ image }) => image)).toEqual(integers);
    },
  );

  it('has the bytes of our RICE_1, tile by tile', async () => {
    const { bytes } = await throughFpack('bytes', integers, ['-r']);
    const own = writeFits([{ header: [] }, ...packed('RICE', integers, 'RICE_1')]);
    const heaps = (file: Uint8Array) =>
      heapsOf(file).map((heap) => createHash('sha256').update(heap).digest('hex'));
    expect(heaps(own)).toEqual(heaps(bytes));
  });

  it.each([
    ['-q', '4'],
    ['-q', '-0.3'],
    ['-qz', '4'],
    ['-qz7', '16', '-t', '100,7'],
    ['-q9999', '8', '-w'],
    ['-q0', '4'],
  ])('is read bit by bit, within half a step of what it was: floats, %s %s', async (...flags) => {
    const { ours, theirs, bytes, path } = await throughFpack(`floats${flags.join('')}`, floats, flags);
    const canonical = (hdus: readonly Hdu[]) => hdus.map(({ image }) => image && told(image));
    expect(await oracle(path)).toMatchObject([{}, ...canonical(ours)]);
    // funpack 1.7 fills lossless tiles beside each other with numbers that are not theirs
    if (!flags.includes('100,7')) expect(canonical(ours)).toEqual(canonical(theirs));
    const scales = scalesOf(bytes);
    const [{ image }] = ours;
    const worst = Math.max(...scales) / 2;
    const errors = Array.from(image?.pixels ?? [], (value, i) => Math.abs(value - floats[0].pixels[i]));
    // the wild row is not noise: it has a step of its own, which is larger
    const calm = errors.filter((error, i) => !Number.isNaN(error) && Math.floor(i / 576) !== 3);
    expect(calm.reduce((most, error) => Math.max(most, error), 0)).toBeLessThanOrEqual(worst * 1.000001);
    expect(calm.length).toBe(size - 576 - 1);
  });

  it("has steps that are the noise's as ours are", async () => {
    const sky: Image = { width: 576, height: 40, pixels: fill(new Float32Array(size), 500, 30).pixels };
    sky.pixels.set(sky.pixels.subarray(0, 576), 3 * 576);
    for (const level of [4, 16]) {
      const { bytes } = await throughFpack(`steps${level}`, [sky], ['-q', String(level)]);
      const compression = { dither: 'SUBTRACTIVE_DITHER_1', step: { perNoise: level } } as const;
      const own = scalesOf(writeFits([{ header: [] }, ...packed('SKY', [sky], compression)]));
      const theirs = scalesOf(bytes);
      expect(own.length).toBe(40);
      own.forEach((step, y) => {
        if (y !== 5) expect(step / theirs[y]).toBeCloseTo(1, 5); // row 5 is constant, and stored as it is
      });
    }
  });
});

/** Data behind the descriptors of each compressed image of a file. */
function heapsOf(file: Uint8Array): Uint8Array[] {
  return tablesOf(file).map(({ data, header }) => {
    const start = (numberOf(header, 'NAXIS1') ?? 0) * (numberOf(header, 'NAXIS2') ?? 0);
    return data.subarray(start, start + (numberOf(header, 'PCOUNT') ?? 0));
  });
}

/** ZSCALE of each tile of the first compressed image. */
function scalesOf(file: Uint8Array): number[] {
  const [{ header, data }] = tablesOf(file);
  const table = openTable(header, new DataView(data.buffer, data.byteOffset, data.byteLength));
  return Array.from({ length: table.rows }, (_, row) => numberAt(table, 'ZSCALE', row) ?? Number.NaN);
}

function tablesOf(file: Uint8Array): { header: Header; data: Uint8Array }[] {
  const tables: { header: Header; data: Uint8Array }[] = [];
  for (let at = 0; at < file.length; ) {
    const { header, end } = parseHeader(file, at);
    const length = dataLength(header);
    if (isCompressedImage(header)) tables.push({ header, data: file.subarray(end, end + length) });
    at = end + Math.ceil(length / 2880) * 2880;
  }
  return tables;
}
