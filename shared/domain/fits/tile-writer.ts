/**
 * An image as the table of a tile-compressed one, a row a tile: descriptors, then the heap. FITS Standard 4.0,
 * sections 7.3.5 and 10.
 */
import { gzipSync } from 'node:zlib';
import { writeBigEndian } from './big-endian.ts';
import { createByteChunks } from './byte-chunks.ts';
import type { Dither } from './dither.ts';
import { type Card, FitsError, type Header } from './header.ts';
import { eachRow, type PixelArray, type PixelRows } from './image.ts';
import { rowNoise } from './noise.ts';
import { QUANTISED_BLANK, quantise } from './quantise.ts';
import { type BytePix, encodeRice } from './rice.ts';
import { tileMemory } from './tile-memory.ts';

/** Floats in steps: rounding adds step / sqrt(12) of noise. */
export interface Quantised {
  /** SUBTRACTIVE_DITHER_2 keeps means unbiased and zeros exact; NO_DITHER makes planes without noise the smallest. */
  readonly dither: Dither;
  /** The step, or how many of them make the noise of a row (as fpack's -q, which is 4 where nobody says so). */
  readonly step: number | { readonly perNoise: number };
}

/** RICE_1 as it is packs integers, GZIP_2 any pixels, both without loss. */
export type Compression = 'RICE_1' | 'GZIP_2' | Quantised;

/** Data of a table and what its header says of them. */
export interface CompressedTable {
  /** Whole blocks together, each but the last a multiple of four bytes. */
  readonly data: readonly Uint8Array[];
  readonly cards: Header;
}

/** A row as it is stored: in which column, and how it was quantised. */
interface StoredTile {
  readonly bytes: Uint8Array;
  readonly column: number;
  readonly scale?: number;
}

interface TileWriter {
  /** Columns of variable-length bytes. */
  readonly columns: readonly string[];
  readonly isQuantised: boolean;
  readonly cards: Header;
  encode(row: PixelArray, y: number): StoredTile;
}

/** Bytes of a P descriptor, length and offset of 32 bits; of a double. */
const DESCRIPTOR = 8;
const DOUBLE = 8;

/** The table of an image, its rows taken one after the other. FitsError for what the algorithm does not hold. */
export function compressRows(image: PixelRows, compression: Compression): CompressedTable {
  const { width, height } = image;
  if (width === 0 || height === 0)
    throw new FitsError(`An image of ${width} x ${height} has no rows to compress.`);
  const writer = tileWriter(image, compression);
  const rowLength = writer.columns.length * DESCRIPTOR + (writer.isQuantised ? 2 * DOUBLE : 0);
  const table = new DataView(new ArrayBuffer(height * rowLength));
  const heap = createByteChunks();
  const longest = writer.columns.map(() => 0);
  const add = (row: PixelArray, y: number): void => {
    const { bytes, column, scale } = writer.encode(row, y);
    const at = y * rowLength + column * DESCRIPTOR;
    table.setInt32(at, bytes.length);
    table.setInt32(at + 4, heap.length);
    if (scale !== undefined) table.setFloat64(y * rowLength + writer.columns.length * DESCRIPTOR, scale);
    heap.append(bytes);
    longest[column] = Math.max(longest[column], bytes.length);
    if (heap.length >= 2 ** 31)
      throw new FitsError(`An image of ${width} x ${height} is too large for one compressed table.`);
  };
  inTileMemory(image, (row) => eachRow(image, add, row));
  const sizes = { rowLength, rows: height, heap: heap.length };
  const cards = [...tableCards(sizes, writer, longest), ...tileCards(width), ...writer.cards];
  return { data: [new Uint8Array(table.buffer), ...heap.finish(table.byteLength)], cards };
}

/** Rows of the two types that kernels take are made where they are packed. */
function inTileMemory({ type, width }: PixelRows, use: (row?: PixelArray) => void): void {
  const { workspace, lendRow } = tileMemory();
  if (type === 'float32') lendRow(workspace.floats, width, use);
  else if (type === 'int32') lendRow(workspace.integers, width, use);
  else use();
}

function tableCards(
  { rowLength, rows, heap }: { rowLength: number; rows: number; heap: number },
  { columns, isQuantised }: TileWriter,
  longest: readonly number[],
): Card[] {
  const fields = [
    ...columns.map((name, k) => [name, `1PB(${longest[k]})`]),
    ...(isQuantised ? ['ZSCALE', 'ZZERO'].map((name) => [name, '1D']) : []),
  ];
  return [
    { keyword: 'XTENSION', value: 'BINTABLE' },
    { keyword: 'BITPIX', value: 8 },
    { keyword: 'NAXIS', value: 2 },
    { keyword: 'NAXIS1', value: rowLength },
    { keyword: 'NAXIS2', value: rows },
    { keyword: 'PCOUNT', value: heap },
    { keyword: 'GCOUNT', value: 1 },
    { keyword: 'TFIELDS', value: fields.length },
    ...fields.flatMap(([name, form], k) => [
      { keyword: `TTYPE${k + 1}`, value: name },
      { keyword: `TFORM${k + 1}`, value: form },
    ]),
  ];
}

function tileCards(width: number): Card[] {
  return [
    { keyword: 'ZIMAGE', value: true },
    { keyword: 'ZTILE1', value: width },
    { keyword: 'ZTILE2', value: 1 },
  ];
}

function tileWriter({ type }: PixelRows, compression: Compression): TileWriter {
  if (compression === 'GZIP_2') return gzipWriter();
  const isFloat = type === 'float32' || type === 'float64';
  if (compression === 'RICE_1') {
    if (!isFloat) return riceWriter(type);
    throw new FitsError('RICE_1 compresses integers: give floats the step to quantise them by, or GZIP_2.');
  }
  if (type === 'float32') return quantisedWriter(compression);
  throw new FitsError(`An image of ${type} is not quantised, only one of float32.`);
}

function riceCards(bytePix: BytePix): Card[] {
  return [
    { keyword: 'ZCMPTYPE', value: 'RICE_1' },
    { keyword: 'ZNAME1', value: 'BLOCKSIZE' },
    { keyword: 'ZVAL1', value: 32 },
    { keyword: 'ZNAME2', value: 'BYTEPIX' },
    { keyword: 'ZVAL2', value: bytePix },
  ];
}

function riceWriter(type: 'int32' | 'int16' | 'uint16' | 'uint8'): TileWriter {
  const bytePix = type === 'int32' ? 4 : type === 'uint8' ? 1 : 2;
  return {
    columns: ['COMPRESSED_DATA'],
    isQuantised: false,
    cards: riceCards(bytePix),
    encode: (row) => ({ bytes: encodeRice(storedRow(row) as Int32Array, bytePix), column: 0 }),
  };
}

/** Bytes of each significance together, gzipped at zlib's quickest level as cfitsio does. */
function gzipWriter(): TileWriter {
  return {
    columns: ['COMPRESSED_DATA'],
    isQuantised: false,
    cards: [{ keyword: 'ZCMPTYPE', value: 'GZIP_2' }],
    encode(row) {
      const bytes = bigEndianRow(storedRow(row));
      const width = row.BYTES_PER_ELEMENT;
      const shuffled = new Uint8Array(bytes.length);
      for (let byte = 0; byte < width; byte++) {
        const from = byte * row.length;
        for (let i = 0; i < row.length; i++) shuffled[from + i] = bytes[i * width + byte];
      }
      return { bytes: gzipSync(shuffled, { level: 1 }), column: 0 };
    },
  };
}

/** Rows that cannot be quantised (constant, or of a range beyond 31 bits) go to the second column, gzipped as they are. */
function quantisedWriter({ dither, step }: Quantised): TileWriter {
  const stepOf = typeof step === 'number' ? () => step : (row: Float32Array) => rowNoise(row) / step.perNoise;
  return {
    columns: ['COMPRESSED_DATA', 'GZIP_COMPRESSED_DATA'],
    isQuantised: true,
    cards: [
      ...riceCards(4),
      { keyword: 'ZQUANTIZ', value: dither },
      ...(dither === 'NO_DITHER' ? [] : [{ keyword: 'ZDITHER0', value: 1 }]),
      { keyword: 'ZBLANK', value: QUANTISED_BLANK },
    ],
    encode(row, y) {
      const floats = row as Float32Array;
      const scale = stepOf(floats);
      const integers = scale > 0 ? quantise(floats, { scale, dither, tile: y }) : undefined;
      if (integers === undefined) return { bytes: gzipSync(bigEndianRow(floats), { level: 1 }), column: 1 };
      return { bytes: encodeRice(integers, 4), column: 0, scale };
    },
  };
}

function bigEndianRow(row: PixelArray): Uint8Array {
  const bytes = new Uint8Array(row.byteLength);
  writeBigEndian(row, bytes, 0);
  return bytes;
}

/** A row as it is stored: unsigned 16 bits 32768 lower, as signed ones. */
export function storedRow(row: PixelArray): Exclude<PixelArray, Uint16Array> {
  if (!(row instanceof Uint16Array)) return row;
  const stored = new Int16Array(row.length);
  for (let i = 0; i < row.length; i++) stored[i] = row[i] - 32768;
  return stored;
}
