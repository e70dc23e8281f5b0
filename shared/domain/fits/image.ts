/** What a FITS image is once it is read, or before it is written. */
import type { Header } from './header.ts';

/**
 * Pixels row by row; row 0 is the first row of the file, pixel (x, y) is `pixels[y * width + x]`. Physical
 * values: BSCALE, BZERO are applied, BLANK is NaN where pixels are scaled.
 */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array | Float64Array | Int32Array | Int16Array | Uint16Array | Uint8Array;
}

/** Header and data unit. A tile-compressed image appears as the image that it holds, header and all. */
export interface Hdu {
  readonly header: Header;
  /** Absent for tables and for headers without data. */
  readonly image?: Image;
}
