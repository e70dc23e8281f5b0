/**
 * Tile-compressed images: a table with a tile a row. FITS Standard 4.0, section 10.
 */
import { arrayOf, BYTES_OF_BITPIX, type StoredPixels } from './big-endian.ts';
import type { Dither } from './dither.ts';
import { axesOf, bitpixOf, planeOf } from './extent.ts';
import { booleanOf, FitsError, type Header, numberOf, requireInteger, textOf } from './header.ts';
import { arrayAt, numberAt, openTable, type Table } from './heap.ts';
import { dequantise } from './quantise.ts';
import type { StoredRows, TakeStored } from './stored-rows.ts';
import { gzipDecoder, plainDecoder, type TileDecoder, tileDecoder } from './tile-codecs.ts';
import { MOST_NUMBERS } from './tile-memory.ts';

/** 1 GiB of pixels, 16,384 squared of 32 bits: a few hostile bytes of gzip shall not ask for more. */
const MAX_BYTES = 2 ** 30;
/** Bytes that deflate makes of one; Rice reaches 344. */
const MAX_EXPANSION = 1032;

/** True for a table that stands for an image. */
export function isCompressedImage(header: Header): boolean {
  return textOf(header, 'XTENSION') === 'BINTABLE' && booleanOf(header, 'ZIMAGE') === true;
}

/** The stored numbers (before BSCALE and BZERO) of the image in this table's header and data. */
export function tiledRows(header: Header, data: Uint8Array): StoredRows {
  const { width, height } = planeOf(axesOf(header, 'Z'));
  const bitpix = bitpixOf(header, 'ZBITPIX');
  if (bitpix === 64) throw new FitsError('ZBITPIX is 64: integers of 64 bits are read uncompressed only.');
  requireSize(width, height, BYTES_OF_BITPIX.get(bitpix) ?? 0, data.length);
  const table = openTable(header, new DataView(data.buffer, data.byteOffset, data.byteLength));
  const tileWidth = tileSide(header, 1, width, width);
  const tileHeight = tileSide(header, 2, height, 1);
  const across = Math.ceil(width / tileWidth);
  const tiles = across * Math.ceil(height / tileHeight);
  if (tiles > table.rows) throw new FitsError(`The image has ${tiles} tiles and NAXIS2 is ${table.rows}.`);
  const decode = rowDecoder(header, table, data, bitpix);

  const decodeTileRow = (tileRow: number, take: TakeStored): void => {
    const rows = Math.min(tileHeight, height - tileRow * tileHeight);
    for (let k = 0, left = 0; k < across; k++, left += tileWidth) {
      const columns = Math.min(tileWidth, width - left);
      decode(tileRow * across + k, columns * rows, intoRows({ left, columns, width }, take));
    }
  };
  if (tileHeight > 1) return keepingTileRow({ width, height, tileHeight, bitpix }, decodeTileRow);
  return {
    width,
    height,
    read(y0, y1, take) {
      for (let y = y0; y < y1; y++) decodeTileRow(y, (piece, at) => take(piece, (y - y0) * width + at));
    },
  };
}

/** Rows out of tiles that are taller: the row of tiles that was decoded last is kept, since the next rows are likely in it. */
function keepingTileRow(
  {
    width,
    height,
    tileHeight,
    bitpix,
  }: { width: number; height: number; tileHeight: number; bitpix: number },
  decodeTileRow: (tileRow: number, take: TakeStored) => void,
): StoredRows {
  let kept: StoredPixels | undefined;
  let keptRow = -1;
  const tileRowAt = (tileRow: number): StoredPixels => {
    kept ??= arrayOf(new ArrayBuffer(width * tileHeight * (BYTES_OF_BITPIX.get(bitpix) ?? 0)), bitpix);
    const target = kept;
    if (tileRow !== keptRow) {
      keptRow = -1;
      decodeTileRow(tileRow, (piece, at) => target.set(piece, at));
      keptRow = tileRow;
    }
    return target;
  };
  return {
    width,
    height,
    read(y0, y1, take) {
      for (let y = y0; y < y1; ) {
        const tileRow = Math.floor(y / tileHeight);
        const top = tileRow * tileHeight;
        const stop = Math.min(y1, top + tileHeight);
        take(tileRowAt(tileRow).subarray((y - top) * width, (stop - top) * width), (y - y0) * width);
        y = stop;
      }
    },
  };
}

/** Takes pieces of a tile and gives them as pieces of the rows of the whole image's width. */
function intoRows(
  { left, columns, width }: { left: number; columns: number; width: number },
  take: TakeStored,
): TakeStored {
  if (columns === width) return take;
  return (piece, at) => {
    for (let from = 0; from < piece.length; ) {
      const [y, x] = [Math.floor((at + from) / columns), (at + from) % columns];
      const to = Math.min(piece.length, from + columns - x);
      take(piece.subarray(from, to), y * width + left + x);
      from = to;
    }
  };
}

function requireSize(width: number, height: number, pixelBytes: number, length: number): void {
  // doubles are quantised to integers of 32 bits, so that a byte may stand for twice as many bytes of them
  const most = (length * MAX_EXPANSION) / Math.min(4, pixelBytes);
  if (width * height <= Math.min(MAX_BYTES / pixelBytes, most)) return;
  throw new FitsError(
    `ZNAXIS1 x ZNAXIS2 = ${width} x ${height} is beyond ${length} compressed bytes or ${MAX_BYTES} of memory.`,
  );
}

/** ZTILEn, cut to the image; at least 1 where the image is empty. */
function tileSide(header: Header, axis: number, length: number, absent: number): number {
  const side = requireInteger(header, `ZTILE${axis}`, {
    least: 1,
    most: Number.MAX_SAFE_INTEGER,
    absent: Math.max(1, absent),
  });
  return Math.max(1, Math.min(side, length));
}

/** Decodes the tile of a row of the table, from whichever of the three columns has it. */
function rowDecoder(header: Header, table: Table, data: Uint8Array, bitpix: number) {
  const isQuantised = bitpix < 0 && (table.columns.has('ZSCALE') || numberOf(header, 'ZSCALE') !== undefined);
  const compressed = tileDecoder(header, data, isQuantised ? 32 : bitpix);
  const restoring = isQuantised ? dequantiser(header, table, bitpix) : undefined;
  const fallbacks: [string, TileDecoder][] = [
    ['GZIP_COMPRESSED_DATA', gzipDecoder(data, bitpix)],
    ['UNCOMPRESSED_DATA', plainDecoder(data, bitpix)],
  ];
  return (row: number, count: number, take: TakeStored): void => {
    const span = arrayAt(table, 'COMPRESSED_DATA', row);
    if (span !== undefined && span.length > 0) {
      compressed(span, count, restoring?.(row, take) ?? take);
      return;
    }
    for (const [column, decode] of fallbacks) {
      const other = arrayAt(table, column, row);
      if (other === undefined || other.length === 0) continue;
      decode(other, count, take);
      return;
    }
    throw new FitsError(`Row ${row + 1} of the table holds no data for its tile.`);
  };
}

/** Integers of a row's tile to floats, by ZSCALE, ZZERO, ZBLANK, ZQUANTIZ and ZDITHER0. */
function dequantiser(header: Header, table: Table, bitpix: number) {
  const dither = ditherOf(header);
  const seed = requireInteger(header, 'ZDITHER0', { least: 1, most: 10_000, absent: 1 });
  const [ofScale, ofZero, ofBlank] = ['ZSCALE', 'ZZERO', 'ZBLANK'].map((name) => {
    const common = numberOf(header, name);
    return (row: number) => numberAt(table, name, row) ?? common;
  });
  return (row: number, take: TakeStored): TakeStored => {
    const scale = ofScale(row);
    const zero = ofZero(row);
    if (scale === undefined || zero === undefined) throw new FitsError('The table has ZSCALE and no ZZERO.');
    const quantisation = { scale, zero, blank: ofBlank(row), dither, tile: row + seed - 1 };
    return (piece, at) => {
      for (let from = 0; from < piece.length; from += MOST_NUMBERS) {
        const some = piece.subarray(from, from + MOST_NUMBERS);
        take(dequantise(some, at + from, quantisation, bitpix === -64), at + from);
      }
    };
  };
}

function ditherOf(header: Header): Dither {
  const method = (textOf(header, 'ZQUANTIZ') ?? 'NO_DITHER').trim();
  if (method === 'NONE') return 'NO_DITHER';
  if (method === 'NO_DITHER' || method === 'SUBTRACTIVE_DITHER_1' || method === 'SUBTRACTIVE_DITHER_2')
    return method;
  throw new FitsError(
    `ZQUANTIZ is '${method}' and must be NO_DITHER, SUBTRACTIVE_DITHER_1 or SUBTRACTIVE_DITHER_2.`,
  );
}
