/**
 * FITS files: header and data units, images of every kind, decoded where they are asked for. FITS Standard 4.0 (2018).
 */
import { BLOCK, parseHeader } from './card-reader.ts';
import { addSums, isWhole, onesComplementSum } from './checksum.ts';
import { axesOf, bitpixOf, dataLength, isRandomGroups, planeOf } from './extent.ts';
import { booleanOf, cardValue, FitsError, type Header, textOf } from './header.ts';
import type { PixelArray, PixelType } from './image.ts';
import { holdsFloats, scalerOf, scalingOf } from './scaling.ts';
import { plainRows, type StoredRows } from './stored-rows.ts';
import { imageHeader } from './tile-header.ts';
import { isCompressedImage, tiledRows } from './tiles.ts';

/** An image of an opened file. */
export interface ImageRows {
  readonly width: number;
  readonly height: number;
  /** The narrowest array that holds every physical value. */
  readonly type: PixelType;
  /**
   * Decodes rows [y0, y1) to physical values (BSCALE, BZERO applied) in `out` from index `at` on. Into floats, BLANK is
   * NaN; an integer image may be read into integers, where BLANK keeps its number and what is wider loses its high bits.
   *
   * @throws FitsError where the bytes are damaged, and for an image of floats with an array of integers
   */
  read(y0: number, y1: number, out: PixelArray, at?: number): void;
}

/** Header and data unit, its pixels still as the file has them. A compressed image appears as the image that it holds. */
export interface OpenHdu {
  readonly header: Header;
  /** Absent for tables and for headers without data. */
  readonly image?: ImageRows;
}

/**
 * All HDUs of a file, nothing decoded; the bytes must not change while their images are read. Images have two axes,
 * plain or in tiles (RICE_1, GZIP_1, GZIP_2, NOCOMPRESS); tables are passed over. FitsError, with the HDU's number, for
 * whatever is wrong: truncated, damaged (where CHECKSUM or DATASUM is present and `verifyChecksums` is not false), sizes
 * that the bytes cannot hold.
 */
export function openFits(bytes: Uint8Array, options: { verifyChecksums?: boolean } = {}): OpenHdu[] {
  const hdus: OpenHdu[] = [];
  for (let at = 0; at === 0 || !isPadding(bytes, at); ) {
    const place = `HDU ${hdus.length} at byte ${at}`;
    at = placed(place, () => {
      const unit = locate(bytes, at);
      if (options.verifyChecksums !== false) verifyChecksums(unit);
      hdus.push(openUnit(unit, place));
      return unit.next;
    });
  }
  return hdus;
}

/** Runs it so that its FitsError tells where in the file. */
function placed<Result>(place: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FitsError)) throw error;
    throw new FitsError(`${place}: ${error.message}`, { cause: error });
  }
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

function openUnit({ header, data }: Unit, place: string): OpenHdu {
  if (isCompressedImage(header)) {
    const image = imageHeader(header);
    return { header: image, image: physicalRows(tiledRows(header, data), image, place) };
  }
  const rows = rowsOf(header, data);
  return rows === undefined ? { header } : { header, image: physicalRows(rows, header, place) };
}

/** The rows of a plain image; undefined where the data are none. */
function rowsOf(header: Header, data: Uint8Array): StoredRows | undefined {
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
  return plainRows(data, { ...plane, bitpix, blank: cardValue(header, 'BLANK') });
}

function physicalRows(stored: StoredRows, header: Header, place: string): ImageRows {
  const { width, height } = stored;
  const scaling = scalingOf(header, bitpixOf(header));
  const scale = scalerOf(scaling);
  const isFloat = scaling.type === 'float32' || scaling.type === 'float64';
  return {
    width,
    height,
    type: scaling.type,
    read(y0, y1, out, at = 0) {
      if (!(y0 >= 0 && y0 <= y1 && y1 <= height) || at + (y1 - y0) * width > out.length) {
        throw new RangeError(
          `Rows ${y0} to ${y1} of ${height} with ${width} pixels do not fit ${out.length} elements from ${at} on.`,
        );
      }
      placed(place, () => {
        if (isFloat && !holdsFloats(out)) {
          throw new FitsError(`The image holds ${scaling.type} and is read as integers.`);
        }
        // an image of no columns may claim more rows than anybody can wait for
        if (width > 0) stored.read(y0, y1, (piece, offset) => scale(piece, out, at + offset));
      });
    },
  };
}
