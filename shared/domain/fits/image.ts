/** What a FITS image is once it is read, or before it is written. */
import type { Header } from './header.ts';

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

/** Header and data unit. A tile-compressed image appears as the image that it holds, header and all. */
export interface Hdu {
  readonly header: Header;
  /** Absent for tables and for headers without data. */
  readonly image?: Image;
}
