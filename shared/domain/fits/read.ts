/**
 * FITS files: header and data units, images of every kind. FITS Standard 4.0 (2018).
 */
import { fromBigEndian, fromLongs } from './big-endian.ts';
import { BLOCK, parseHeader } from './card-reader.ts';
import { addSums, isWhole, onesComplementSum } from './checksum.ts';
import { axesOf, bitpixOf, dataLength, isRandomGroups, planeOf } from './extent.ts';
import { booleanOf, cardValue, FitsError, type Header, textOf } from './header.ts';
import type { Hdu, Image } from './image.ts';
import { scalePixels } from './scaling.ts';
import { imageHeader } from './tile-header.ts';
import { isCompressedImage, readTiles } from './tiles.ts';

export type { Hdu, Image } from './image.ts';

/**
 * All HDUs of a file. Images of two axes are decoded (RICE_1, GZIP_1, GZIP_2, NOCOMPRESS tiles included),
 * tables are passed over. FitsError, with the HDU's number, for whatever is wrong: truncated, damaged (where
 * CHECKSUM or DATASUM is present and `verifyChecksums` is not false), sizes that the bytes cannot hold.
 */
export function readFits(bytes: Uint8Array, options: { verifyChecksums?: boolean } = {}): Hdu[] {
  const hdus: Hdu[] = [];
  for (let at = 0; at === 0 || !isPadding(bytes, at); ) {
    try {
      const unit = locate(bytes, at);
      if (options.verifyChecksums !== false) verifyChecksums(unit);
      hdus.push(decode(unit));
      at = unit.next;
    } catch (error) {
      if (!(error instanceof FitsError)) throw error;
      throw new FitsError(`HDU ${hdus.length} at byte ${at}: ${error.message}`, { cause: error });
    }
  }
  return hdus;
}

/** The HDU whose EXTNAME is this, in upper or lower case. */
export function hduNamed(hdus: readonly Hdu[], extname: string): Hdu | undefined {
  return hdus.find(({ header }) => textOf(header, 'EXTNAME')?.toUpperCase() === extname.toUpperCase());
}

interface Unit {
  readonly header: Header;
  readonly headerBytes: Uint8Array;
  readonly data: Uint8Array;
  /** The data with what fills their last block. */
  readonly dataBlocks: Uint8Array;
  /** The byte where the next HDU starts. */
  readonly next: number;
}

function locate(bytes: Uint8Array, at: number): Unit {
  const { header, end } = parseHeader(bytes, at);
  requireStart(header, at);
  const length = dataLength(header);
  const next = end + Math.ceil(length / BLOCK) * BLOCK;
  if (next > bytes.length) {
    throw new FitsError(
      `${length} bytes of data from byte ${end} fill the file to byte ${next}, and it has ${bytes.length}: truncated.`,
    );
  }
  const dataBlocks = bytes.subarray(end, next);
  return {
    header,
    headerBytes: bytes.subarray(at, end),
    data: dataBlocks.subarray(0, length),
    dataBlocks,
    next,
  };
}

function requireStart(header: Header, at: number): void {
  const first = header[0];
  if (at === 0 && (first?.keyword !== 'SIMPLE' || first.value !== true)) {
    throw new FitsError(
      `The file starts with ${first?.keyword} = ${first?.value} and not with SIMPLE = T: no FITS.`,
    );
  }
  if (at > 0 && (first?.keyword !== 'XTENSION' || typeof first.value !== 'string')) {
    throw new FitsError(`An extension must start with XTENSION, and this starts with '${first?.keyword}'.`);
  }
}

/** Files from tapes and some writers end in blocks of zeros or blanks. */
function isPadding(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at++) if (bytes[at] !== 0 && bytes[at] !== 32) return false;
  return true;
}

function verifyChecksums({ header, headerBytes, dataBlocks }: Unit): void {
  const datasum = String(cardValue(header, 'DATASUM') ?? '').trim();
  const checksum = (textOf(header, 'CHECKSUM') ?? '').trim();
  if (datasum === '' && checksum === '') return; // the standard's "not known"
  const sum = onesComplementSum(dataBlocks);
  if (datasum !== '' && Number(datasum) !== sum) {
    throw new FitsError(`DATASUM is ${datasum} and the sum of the data is ${sum}: the data are damaged.`);
  }
  if (checksum !== '' && !isWhole(addSums(sum, onesComplementSum(headerBytes)))) {
    throw new FitsError(`CHECKSUM ${checksum} does not fit header and data: one of them is damaged.`);
  }
}

function decode({ header, data }: Unit): Hdu {
  if (isCompressedImage(header)) {
    const image = imageHeader(header);
    const { width, height, stored } = readTiles(header, data);
    return { header: image, image: { width, height, pixels: scalePixels(stored, image) } };
  }
  const image = readImage(header, data);
  return image === undefined ? { header } : { header, image };
}

function readImage(header: Header, data: Uint8Array): Image | undefined {
  const axes = axesOf(header);
  const isImage = booleanOf(header, 'SIMPLE') === true || textOf(header, 'XTENSION') === 'IMAGE';
  if (!isImage || axes.length === 0 || isRandomGroups(header, axes)) return undefined;
  const plane = planeOf(axes);
  const bitpix = bitpixOf(header);
  if (data.length !== (plane.width * plane.height * Math.abs(bitpix)) / 8) {
    const [parameters, groups] = [cardValue(header, 'PCOUNT'), cardValue(header, 'GCOUNT')];
    throw new FitsError(
      `PCOUNT is ${parameters} and GCOUNT ${groups}, and an image has PCOUNT 0 and GCOUNT 1.`,
    );
  }
  const stored = bitpix === 64 ? fromLongs(data, cardValue(header, 'BLANK')) : fromBigEndian(data, bitpix);
  return { ...plane, pixels: scalePixels(stored, header) };
}
