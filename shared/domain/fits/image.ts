/** What a FITS image is once it is read, or before it is written. */
import { FitsError, type Header } from './header.ts';

/** The arrays that pixels come in. */
export type PixelArray = Float32Array | Float64Array | Int32Array | Int16Array | Uint16Array | Uint8Array;

/** Names of those arrays. */
export type PixelType = 'float32' | 'float64' | 'int32' | 'int16' | 'uint16' | 'uint8';

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
} as const;

/** An array of that type, filled with zeros. */
export function pixelArray(type: PixelType, length: number): PixelArray {
  return new ARRAYS[type](length);
}

/**
 * Pixels row by row; row 0 is the first row of the file, pixel (x, y) is `pixels[y * width + x]`. Physical
 * values: BSCALE, BZERO are applied, BLANK is NaN where pixels are scaled.
 */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: PixelArray;
}

/** An image that is made row by row while it is written, so that it never lies in memory as a whole. */
export type PixelRows = {
  [Type in PixelType]: {
    readonly width: number;
    readonly height: number;
    readonly type: Type;
    /** Fills `out` with row y; rows are asked for once, in order. */
    row(y: number, out: InstanceType<(typeof ARRAYS)[Type]>): void;
  };
}[PixelType];

/** An image's rows. @throws FitsError where it has not as many pixels as its size says */
export function rowsOf(image: Image): PixelRows & Image {
  const { width, height, pixels } = image;
  if (pixels.length !== width * height) {
    throw new FitsError(`An image of ${width} x ${height} came with ${pixels.length} pixels.`);
  }
  const row = (y: number, out: PixelArray): void => out.set(pixels.subarray(y * width, (y + 1) * width));
  return { width, height, type: typeOf(pixels), row, pixels } as PixelRows & Image;
}

/** Makes the rows one after the other and shows each, in `row`, an array of the image's type, which the next one uses again. */
export function eachRow(
  image: PixelRows,
  visit: (row: PixelArray, y: number) => void,
  row = pixelArray(image.type, image.width),
): void {
  const make = image.row as (y: number, out: PixelArray) => void;
  for (let y = 0; y < image.height; y++) {
    make(y, row);
    visit(row, y);
  }
}

function typeOf(pixels: PixelArray): PixelType {
  const types = Object.keys(ARRAYS) as PixelType[];
  return types.find((type) => pixels instanceof ARRAYS[type]) ?? 'float64';
}

/** Header and data unit. A tile-compressed image appears as the image that it holds, header and all. */
export interface Hdu {
  readonly header: Header;
  /** Absent for tables and for headers without data. */
  readonly image?: Image;
}
