/**
 * Writes FITS files. FITS Standard 4.0 (2018).
 */
import { writeBigEndian } from './big-endian.ts';
import { BLOCK } from './card-reader.ts';
import { formatHeader } from './card-writer.ts';
import { addSums, encodeChecksum, onesComplementSum } from './checksum.ts';
import { type Card, FitsError, type Header } from './header.ts';
import type { Image } from './image.ts';
import { compressRows } from './rice-table.ts';
import { OF_THE_TABLE, STRUCTURE } from './tile-header.ts';

export interface NewHdu {
  /** Without what describes the data (BITPIX, NAXIS, BZERO, CHECKSUM...): such cards are replaced. */
  readonly header: Header;
  readonly image?: Image;
  /** Integer images only, not the first HDU; a tile is a row. */
  readonly compression?: 'RICE_1';
}

/** Keywords that the writer makes from the data, beside those of a table or of a compressed image. */
const OF_THE_DATA = /^(SIMPLE|EXTEND|BLOCKED|BSCALE|BZERO|END|Z(EXTEND|BLOCKED|HECKSUM|DATASUM))$/;

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
  const { image } = hdu;
  if (image && image.pixels.length !== image.width * image.height) {
    throw new FitsError(
      `An image of ${image.width} x ${image.height} came with ${image.pixels.length} pixels.`,
    );
  }
  const own = hdu.header.filter((card) => !followsFromData(card, image));
  const { structure, data } =
    hdu.compression === undefined
      ? plainUnit(image, isPrimary, isExtended)
      : compressedUnit(image, isPrimary);
  return [withChecksums([...structure, ...own], data), data];
}

function followsFromData({ keyword }: Card, image: Image | undefined): boolean {
  // floats have NaN: a BLANK among them would speak of numbers that are not there
  if (keyword === 'BLANK')
    return image?.pixels instanceof Float32Array || image?.pixels instanceof Float64Array;
  return OF_THE_DATA.test(keyword) || OF_THE_TABLE.test(keyword) || STRUCTURE.test(keyword);
}

function plainUnit(image: Image | undefined, isPrimary: boolean, isExtended: boolean) {
  const structure: Card[] = [
    isPrimary
      ? { keyword: 'SIMPLE', value: true, comment: 'conforms to FITS Standard 4.0' }
      : { keyword: 'XTENSION', value: 'IMAGE' },
    { keyword: 'BITPIX', value: image ? bitpixOf(image) : 8 },
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
  if (!image) return { structure, data: new Uint8Array(0) };
  const stored = storedPixels(image);
  const data = new Uint8Array(paddedLength(stored.byteLength));
  writeBigEndian(stored, data, 0);
  return { structure, data };
}

function compressedUnit(image: Image | undefined, isPrimary: boolean) {
  const stored = image && storedPixels(image);
  if (!image || isPrimary)
    throw new FitsError('A compressed image is a table: it needs pixels and cannot be the first HDU.');
  if (!(stored instanceof Uint8Array || stored instanceof Int16Array || stored instanceof Int32Array)) {
    throw new FitsError('RICE_1 compresses integers: write floats without compression.');
  }
  const { table, longest, heapLength } = compressRows(stored, image.width, image.height);
  const structure: Card[] = [
    { keyword: 'XTENSION', value: 'BINTABLE' },
    { keyword: 'BITPIX', value: 8 },
    { keyword: 'NAXIS', value: 2 },
    { keyword: 'NAXIS1', value: 8 },
    { keyword: 'NAXIS2', value: image.height },
    { keyword: 'PCOUNT', value: heapLength },
    { keyword: 'GCOUNT', value: 1 },
    { keyword: 'TFIELDS', value: 1 },
    { keyword: 'TTYPE1', value: 'COMPRESSED_DATA' },
    { keyword: 'TFORM1', value: `1PB(${longest})` },
    { keyword: 'ZIMAGE', value: true },
    { keyword: 'ZTILE1', value: image.width },
    { keyword: 'ZTILE2', value: 1 },
    { keyword: 'ZCMPTYPE', value: 'RICE_1' },
    { keyword: 'ZNAME1', value: 'BLOCKSIZE' },
    { keyword: 'ZVAL1', value: 32 },
    { keyword: 'ZNAME2', value: 'BYTEPIX' },
    { keyword: 'ZVAL2', value: stored.BYTES_PER_ELEMENT },
    { keyword: 'ZTENSION', value: 'IMAGE' },
    { keyword: 'ZBITPIX', value: bitpixOf(image) },
    ...axisCards('ZNAXIS', image),
    { keyword: 'ZPCOUNT', value: 0 },
    { keyword: 'ZGCOUNT', value: 1 },
    ...scalingCards(image),
  ];
  return { structure, data: table };
}

function bitpixOf({ pixels }: Image): number {
  const bits = 8 * pixels.BYTES_PER_ELEMENT;
  return pixels instanceof Float32Array || pixels instanceof Float64Array ? -bits : bits;
}

function axisCards(keyword: string, image: Image | undefined): Card[] {
  if (!image) return [{ keyword, value: 0 }];
  return [
    { keyword, value: 2 },
    { keyword: `${keyword}1`, value: image.width },
    { keyword: `${keyword}2`, value: image.height },
  ];
}

function scalingCards(image: Image | undefined): Card[] {
  if (!(image?.pixels instanceof Uint16Array)) return [];
  return [
    { keyword: 'BSCALE', value: 1 },
    { keyword: 'BZERO', value: 32768, comment: 'unsigned integers of 16 bits' },
  ];
}

/** Unsigned 16 bits are stored 32768 lower, as signed ones. */
function storedPixels({ pixels }: Image): Exclude<Image['pixels'], Uint16Array> {
  if (!(pixels instanceof Uint16Array)) return pixels;
  const stored = new Int16Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) stored[i] = pixels[i] - 32768;
  return stored;
}

/** The header with DATASUM and the CHECKSUM that makes the sum of the whole HDU all ones. */
function withChecksums(header: Header, data: Uint8Array): Uint8Array {
  const datasum = onesComplementSum(data);
  const cards = (checksum: string): Header => [
    ...header,
    { keyword: 'CHECKSUM', value: checksum },
    { keyword: 'DATASUM', value: String(datasum) },
  ];
  const sum = addSums(datasum, onesComplementSum(formatHeader(cards('0'.repeat(16)))));
  return formatHeader(cards(encodeChecksum(sum)));
}

function paddedLength(length: number): number {
  return Math.ceil(length / BLOCK) * BLOCK;
}
