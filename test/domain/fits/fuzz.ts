import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { FitsError } from '#shared/domain/fits/header.ts';
import { openFits } from '#shared/domain/fits/open.ts';
import { type Image, readFits } from '#shared/domain/fits/read.ts';
import { type NewHdu, writeFits } from '#shared/domain/fits/write.ts';
import { fixture } from './fixtures.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Mutation = (bytes: Bytes) => Bytes;

/** What came of reading one damaged file. */
export interface FuzzOutcome {
  /** `read`, `read, its checksums being wrong`, or what the FitsError says with its numbers and names left out. */
  readonly outcome: string;
  /** What should not have been: another error, too much time, too much memory. */
  readonly complaint?: string;
}

/** A file may take so long... */
const MOST_MILLISECONDS = 2000;
/** ...and so much memory beyond what its bytes may stand for: deflate makes 1032 of one, twice that as doubles, and an
 * image is there as gunzip's bytes, as numbers, as a row of tiles and as pixels. */
const MOST_BYTES = 64 * 2 ** 20;
const BYTES_A_BYTE = 4 * 2064;

/** Damaged files, as many as asked for, and what came of each. */
export function fuzzFits(cases: number, seed: number): FuzzOutcome[] {
  const seeds = seedFiles();
  const mutations = fc.array(anyMutation, { minLength: 1, maxLength: 4 });
  return fc
    .sample(fc.tuple(fc.nat(seeds.length - 1), mutations), { numRuns: cases, seed })
    .map(([file, steps]) => readDamaged(damaged(seeds[file], steps)));
}

function damaged(file: Uint8Array, steps: readonly Mutation[]): Bytes {
  return steps.reduce((bytes, step) => (bytes.length > 0 ? step(bytes) : bytes), new Uint8Array(file));
}

function readDamaged(bytes: Bytes): FuzzOutcome {
  const memory = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  const [before, start] = [memory(), performance.now()];
  let outcome = '';
  let complaint: string | undefined;
  try {
    outcome = readEverything(bytes);
  } catch (error) {
    if (error instanceof FitsError) outcome = kindOf(error);
    else complaint = `${error instanceof Error ? error.stack : error}`;
  }
  const [taken, used] = [performance.now() - start, memory() - before];
  if (taken > MOST_MILLISECONDS) complaint = `${bytes.length} bytes took ${Math.round(taken)} ms`;
  if (used > MOST_BYTES + BYTES_A_BYTE * bytes.length)
    complaint = `${bytes.length} bytes took ${Math.round(used / 2 ** 20)} MB`;
  return { outcome, ...(complaint !== undefined && { complaint }) };
}

/** By rows, some of them twice, then as a whole; what was read as a whole can be written. */
function readEverything(bytes: Bytes): string {
  for (const { header, image } of openFits(bytes, { verifyChecksums: false })) {
    if (header.length === 0) throw new Error('A header without cards was read.');
    if (image === undefined || image.width === 0) continue;
    const row = new Float32Array(image.width);
    const middle = Math.floor(image.height / 2);
    for (const y of [middle, 0, image.height - 1, middle])
      if (y >= 0 && y < image.height) image.read(y, y + 1, row);
  }
  for (const { image } of readFits(bytes, { verifyChecksums: false })) {
    if (image && image.pixels.length !== image.width * image.height) throw new Error('Pixels are missing.');
    writeFits([{ header: [], image }]);
  }
  try {
    openFits(bytes);
    return 'read';
  } catch (error) {
    if (error instanceof FitsError && /(DATASUM|CHECKSUM) .* damaged/.test(error.message))
      return 'read, its checksums being wrong';
    throw error;
  }
}

function kindOf({ message }: FitsError): string {
  const kind = message
    .replace(/^HDU \d+ at byte \d+: /, '')
    .replace(/'[^']*'/g, "'...'")
    .replace(/\b[A-Z][A-Z0-9_]*\d\b/g, 'KEY')
    .replace(/-?\d[\d.e+-]*/g, '#');
  return kind.length > 70 ? `${kind.slice(0, 67)}...` : kind;
}

/** Every kind of file that is written here, and every kind of fpack's and astropy's that is in the fixtures. */
function seedFiles(): readonly Uint8Array[] {
  const folder = join(import.meta.dirname, '../../fixtures/fits');
  const foreign = readdirSync(folder).filter((name) => /\.fits(\.fz)?$/.test(name));
  return [...foreign.map(fixture), ...ownFiles()];
}

function ownFiles(): Uint8Array[] {
  const [width, height] = [70, 24];
  const image = <Pixels extends Image['pixels']>(pixels: Pixels): Image => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = 100 + 20 * Math.sin(i * i);
    return { width, height, pixels };
  };
  const size = width * height;
  const integers = [
    new Uint8Array(size),
    new Int16Array(size),
    new Uint16Array(size),
    new Int32Array(size),
  ].map(image);
  const floats = [new Float32Array(size), new Float64Array(size)].map(image);
  const long = { keyword: 'URI', value: "it's/".repeat(60), comment: 'over several cards' };
  const file = (images: readonly Image[], compression?: NewHdu['compression']) =>
    writeFits([{ header: [long] }, ...images.map((one) => ({ header: [], image: one, compression }))]);
  const dithers = ['NO_DITHER', 'SUBTRACTIVE_DITHER_1', 'SUBTRACTIVE_DITHER_2'] as const;
  return [
    writeFits([{ header: [long], image: floats[0] }]),
    file([...integers, ...floats]),
    file(integers, 'RICE_1'),
    file([...integers, ...floats], 'GZIP_2'),
    ...dithers.map((dither) => file([floats[0]], { dither, step: 0.5 })),
    file([floats[0]], { dither: 'SUBTRACTIVE_DITHER_2', step: { perNoise: 16 } }),
  ];
}

const nasty = fc.oneof(
  fc.constantFrom('-1', '0', '1', '3', '999', '65536', '2147483647', '2147483648', '4294967296'),
  fc.constantFrom(
    '9007199254740991',
    '9007199254740993',
    '99999999999999999999',
    '1E300',
    '-1E-300',
    'T',
    'F',
    '',
  ),
  fc.constantFrom("'BINTABLE'", "'IMAGE'", "'RICE_1'", "'GZIP_2'", "'HCOMPRESS_1'", "'1PJ(9)'", "'1QB(9)'"),
  fc.constantFrom(
    "'99999999999PB'",
    "'NO_DITHER'",
    "'SUBTRACTIVE_DITHER_2'",
    "'&'",
    "'''",
    '(1,2)',
    '-64',
    '8',
    '16',
  ),
  fc.integer().map(String),
);

/** The start of a card whose value says how the data lie. */
const DESCRIBING =
  /(?:BITPIX|NAXIS|ZTILE|PCOUNT|GCOUNT|TF|TTYPE|ZVAL|ZCMP|ZIMAGE|XTENSION|ZQ|ZD|THEAP|BLANK|ZBLANK|BZERO|BSCALE)[A-Z0-9]* *= /g;

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

const flippedBit: fc.Arbitrary<Mutation> = fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]) => (bytes) => {
  bytes[at % bytes.length] ^= 1 << bit;
  return bytes;
});

const cut: fc.Arbitrary<Mutation> = fc.nat().map((at) => (bytes) => bytes.slice(0, at % bytes.length));

const moved: fc.Arbitrary<Mutation> = fc
  .tuple(fc.nat(), fc.nat(), fc.nat(3000))
  .map(([from, to, length]) => (bytes) => {
    bytes.copyWithin(to % bytes.length, from % bytes.length, (from % bytes.length) + length);
    return bytes;
  });

/** Lengths and offsets of a table's arrays, which stand at the start of a block behind a header. */
const changedPointer: fc.Arbitrary<Mutation> = fc
  .tuple(fc.nat(), fc.nat(200), fc.constantFrom(-1, 0, 1, 2 ** 16, 2 ** 28, 2 ** 31 - 1, -(2 ** 31)))
  .map(([block, word, value]) => (bytes) => {
    const at = 2880 * (block % Math.ceil(bytes.length / 2880)) + 4 * word;
    if (at + 4 <= bytes.length) new DataView(bytes.buffer, bytes.byteOffset).setInt32(at, value);
    return bytes;
  });

const card = (text: string): Buffer => Buffer.from(text.padEnd(80).slice(0, 80));

/** One card, thousands of times, in the middle of a header: strings that go on, axes, columns, commentary. */
const bomb: fc.Arbitrary<Mutation> = fc
  .tuple(
    fc.nat(30),
    fc.constantFrom(100, 300, 1000, 3000, 35_000),
    fc.constantFrom(
      "CONTINUE  'more and more&'",
      "LONG    = '&'",
      'NAXIS%  = 1',
      'ZNAXIS% = 1',
      "TFORM%  = '1PB'",
    ),
  )
  .map(([at, count, text]) => (bytes) => {
    const cards = Array.from({ length: count }, (_, k) =>
      card(text.replace('%', String(k % 1000).padEnd(1))),
    );
    const head = bytes.subarray(0, Math.min(bytes.length, 2880 + 80 * at));
    return new Uint8Array(Buffer.concat([head, ...cards, bytes.subarray(head.length)]));
  });

const repeated: fc.Arbitrary<Mutation> = fc.tuple(fc.nat(), fc.nat()).map(([from, to]) => (bytes) => {
  const blocks = Math.ceil(bytes.length / 2880);
  const [start, end] = [from % blocks, to % blocks].sort((a, b) => a - b);
  return new Uint8Array(Buffer.concat([bytes, bytes.subarray(2880 * start, 2880 * (end + 1))]));
});

const anyMutation = fc.oneof(
  { weight: 6, arbitrary: changedCard },
  { weight: 4, arbitrary: changedBytes },
  { weight: 3, arbitrary: changedPointer },
  { weight: 2, arbitrary: flippedBit },
  { weight: 2, arbitrary: moved },
  { weight: 2, arbitrary: cut },
  { weight: 1, arbitrary: repeated },
  { weight: 1, arbitrary: bomb },
);
