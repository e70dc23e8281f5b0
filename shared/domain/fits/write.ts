/**
 * Writes FITS files. FITS Standard 4.0 (2018).
 */
import { writeBigEndian } from './big-endian.ts';
import { BLOCK } from './card-reader.ts';
import { formatHeader } from './card-writer.ts';
import { addSums, encodeChecksum, onesComplementSum } from './checksum.ts';
import { type Card, FitsError, type Header } from './header.ts';
import { eachRow, type Image, type PixelRows, type PixelType, rowsOf } from './image.ts';
import { OF_THE_TABLE, STRUCTURE } from './tile-header.ts';
import { type Compression, compressRows, storedRow } from './tile-writer.ts';

export type { Compression } from './tile-writer.ts';

export interface NewHdu {
  /** Without what describes the data (BITPIX, NAXIS, BZERO, CHECKSUM...): such cards are replaced. */
  readonly header: Header;
  /** Pixels, or rows that are asked for one after the other and packed as they come. */
  readonly image?: Image | PixelRows;
  /** Not for the first HDU; a tile is a row. */
  readonly compression?: Compression;
}

/** Keywords that the writer makes from the data, beside those of a table or of a compressed image. */
const OF_THE_DATA = /^(SIMPLE|EXTEND|BLOCKED|BSCALE|BZERO|END|Z(EXTEND|BLOCKED|HECKSUM|DATASUM))$/;

const BITPIX: Readonly<Record<PixelType, number>> = {
  ...{ uint8: 8, int16: 16, uint16: 16, int32: 32 },
  ...{ float32: -32, float64: -64 },
};

/**
 * The file of these HDUs, the first of them its primary one, each with CHECKSUM and DATASUM. BITPIX follows
 * from the array's type, unsigned 16 bits being 16 with BZERO 32768.
 */
export function writeFits(hdus: readonly NewHdu[]): Uint8Array {
  if (hdus.length === 0) throw new FitsError('A FITS file needs at least one HDU.');
  const parts = hdus.flatMap((hdu, index) => formatHdu(hdu, index === 0, hdus.length > 1));
  const file = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function formatHdu(hdu: NewHdu, isPrimary: boolean, isExtended: boolean): Uint8Array[] {
  const image = hdu.image && ('pixels' in hdu.image ? rowsOf(hdu.image) : hdu.image);
  const own = hdu.header.filter((card) => !followsFromData(card, image?.type));
  const { structure, data } =
    hdu.compression === undefined
      ? plainUnit(image, isPrimary, isExtended)
      : compressedUnit(image, hdu.compression, isPrimary);
  return [withChecksums([...structure, ...own], data), ...data];
}

function followsFromData({ keyword }: Card, type: PixelType | undefined): boolean {
  // floats have NaN: a BLANK among them would speak of numbers that are not there
  if (keyword === 'BLANK') return type === 'float32' || type === 'float64';
  return OF_THE_DATA.test(keyword) || OF_THE_TABLE.test(keyword) || STRUCTURE.test(keyword);
}

interface DataUnit {
  readonly structure: Header;
  /** Whole blocks together, each part but the last a multiple of four bytes. */
  readonly data: readonly Uint8Array[];
}

function plainUnit(image: PixelRows | undefined, isPrimary: boolean, isExtended: boolean): DataUnit {
  const structure: Card[] = [
    isPrimary
      ? { keyword: 'SIMPLE', value: true, comment: 'conforms to FITS Standard 4.0' }
      : { keyword: 'XTENSION', value: 'IMAGE' },
    { keyword: 'BITPIX', value: image ? BITPIX[image.type] : 8 },
    ...axisCards('NAXIS', image),
    ...(isPrimary
      ? []
      : [
          { keyword: 'PCOUNT', value: 0 },
          { keyword: 'GCOUNT', value: 1 },
        ]),
    ...(isPrimary && isExtended ? [{ keyword: 'EXTEND', value: true }] : []),
    ...scalingCards(image),
  ];
  return { structure, data: image === undefined ? [] : [plainData(image)] };
}

function plainData(image: PixelRows | (PixelRows & Image)): Uint8Array {
  const rowBytes = (image.width * Math.abs(BITPIX[image.type])) / 8;
  const data = new Uint8Array(Math.ceil((rowBytes * image.height) / BLOCK) * BLOCK);
  // in one piece where it can be: a stamp takes twice the time by rows
  if ('pixels' in image) writeBigEndian(storedRow(image.pixels), data, 0);
  else eachRow(image, (row, y) => writeBigEndian(storedRow(row), data, y * rowBytes));
  return data;
}

function compressedUnit(
  image: PixelRows | undefined,
  compression: Compression,
  isPrimary: boolean,
): DataUnit {
  if (!image || isPrimary)
    throw new FitsError('A compressed image is a table: it needs pixels and cannot be the first HDU.');
  const { data, cards } = compressRows(image, compression);
  const structure: Card[] = [
    ...cards,
    { keyword: 'ZTENSION', value: 'IMAGE' },
    { keyword: 'ZBITPIX', value: BITPIX[image.type] },
    ...axisCards('ZNAXIS', image),
    { keyword: 'ZPCOUNT', value: 0 },
    { keyword: 'ZGCOUNT', value: 1 },
    ...scalingCards(image),
  ];
  return { structure, data };
}

function axisCards(keyword: string, image: PixelRows | undefined): Card[] {
  if (!image) return [{ keyword, value: 0 }];
  return [
    { keyword, value: 2 },
    { keyword: `${keyword}1`, value: image.width },
    { keyword: `${keyword}2`, value: image.height },
  ];
}

function scalingCards(image: PixelRows | undefined): Card[] {
  if (image?.type !== 'uint16') return [];
  return [
    { keyword: 'BSCALE', value: 1 },
    { keyword: 'BZERO', value: 32768, comment: 'unsigned integers of 16 bits' },
  ];
}

/** The header with DATASUM and the CHECKSUM that makes the sum of the whole HDU all ones. */
function withChecksums(header: Header, data: readonly Uint8Array[]): Uint8Array {
  const datasum = data.map(onesComplementSum).reduce(addSums, 0);
  const cards = (checksum: string): Header => [
    ...header,
    { keyword: 'CHECKSUM', value: checksum },
    { keyword: 'DATASUM', value: String(datasum) },
  ];
  const sum = addSums(datasum, onesComplementSum(formatHeader(cards('0'.repeat(16)))));
  return formatHeader(cards(encodeChecksum(sum)));
}
