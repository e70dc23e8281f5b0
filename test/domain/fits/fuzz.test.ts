import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FitsError } from '#shared/domain/fits/header.ts';
import { readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { fixture } from './fixtures.ts';

const names = [
  ...['rice-tiles.fits.fz', 'gzip-2.fits.fz', 'dither-2.fits.fz', 'gzip-1-float.fits.fz', 'scaled.fits'],
  ...['descriptor-q.fits', 'uncompressed-rows.fits', 'nocompress.fits', 'header.fits'],
];

/** A file of 45 kB at most may ask for so much, copies and 1032 pixels a byte of gzip included. */
const MOST_BYTES = 400 * 2 ** 20;

const nasty = fc.oneof(
  fc.constantFrom(
    '-1',
    '0',
    '1',
    '3',
    '999',
    '65536',
    '2147483647',
    '2147483648',
    '4294967296',
    '9007199254740993',
  ),
  fc.constantFrom(
    '1E300',
    'T',
    'F',
    '',
    "'BINTABLE'",
    "'RICE_1'",
    "'GZIP_2'",
    "'1PJ(9)'",
    "'99999999999PB'",
    '-64',
  ),
  fc.integer().map(String),
);

type Bytes = Uint8Array<ArrayBuffer>;
type Mutation = (bytes: Bytes) => Bytes;

/** The start of a card whose value says how the data lie. */
const DESCRIBING =
  /(?:BITPIX|NAXIS|ZTILE|PCOUNT|GCOUNT|TF|TTYPE|ZVAL|ZCMP|ZIMAGE|XTENSION|ZQ|ZD|THEAP|BLANK|BZERO)[A-Z0-9]* *= /g;

/** Another value for a card that describes the data. */
const changedCard: fc.Arbitrary<Mutation> = fc.tuple(fc.nat(), nasty).map(([pick, value]) => (bytes) => {
  const text = Buffer.from(bytes).toString('latin1');
  const cards = Array.from(text.matchAll(DESCRIBING), (match) => match.index + 10).filter(
    (at) => at + 70 < text.length,
  );
  if (cards.length > 0) bytes.set(Buffer.from(value.padStart(20).padEnd(70)), cards[pick % cards.length]);
  return bytes;
});

const changedBytes: fc.Arbitrary<Mutation> = fc
  .array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 20 })
  .map((changes) => (bytes) => {
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    return bytes;
  });

const cut: fc.Arbitrary<Mutation> = fc.nat().map((at) => (bytes) => bytes.subarray(0, at % bytes.length));

const moved: fc.Arbitrary<Mutation> = fc
  .tuple(fc.nat(), fc.nat(), fc.nat(3000))
  .map(([from, to, length]) => (bytes) => {
    bytes.copyWithin(to % bytes.length, from % bytes.length, (from % bytes.length) + length);
    return bytes;
  });

it('ends in a FitsError or an image, within its memory, for 500 damaged files', () => {
  const mutations = fc.array(fc.oneof(changedCard, changedBytes, changedBytes, moved, cut), {
    minLength: 1,
    maxLength: 4,
  });
  let read = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...names), mutations, (name, steps) => {
      const damaged = steps.reduce((bytes, step) => (bytes.length > 0 ? step(bytes) : bytes), fixture(name));
      const before = process.memoryUsage().arrayBuffers;
      try {
        for (const { header, image } of readFits(damaged, { verifyChecksums: false })) {
          expect(header.length).toBeGreaterThan(0);
          if (image) expect(image.pixels.length).toBe(image.width * image.height);
          writeFits([{ header: [], image }]);
        }
        read++;
      } catch (error) {
        if (!(error instanceof FitsError)) throw error;
        expect(error.message).toMatch(/^HDU \d+ at byte \d+: .+\.$/s);
        refused++;
      }
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MOST_BYTES);
    }),
    { numRuns: 500, seed: 20250609 },
  );
  // the damage goes past the header, and is noticed
  expect(read).toBeGreaterThan(40);
  expect(refused).toBeGreaterThan(100);
});
