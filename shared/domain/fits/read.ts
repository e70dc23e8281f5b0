/** Whole FITS files, for those that are small. */
import { type Header, textOf } from './header.ts';
import { type Hdu, type Image, pixelArray } from './image.ts';
import { type ImageRows, openFits } from './open.ts';

export type { Hdu, Image } from './image.ts';

/**
 * All HDUs of a file, every image decoded into the narrowest array that holds its physical values. For a file of which
 * only some planes or rows matter, or one that is large, `openFits` takes less. FitsError as there.
 */
export function readFits(bytes: Uint8Array, options: { verifyChecksums?: boolean } = {}): Hdu[] {
  return openFits(bytes, options).map(({ header, image }) =>
    image === undefined ? { header } : { header, image: readImage(image) },
  );
}

function readImage(rows: ImageRows): Image {
  const { width, height } = rows;
  const pixels = pixelArray(rows.type, width * height);
  rows.read(0, height, pixels);
  return { width, height, pixels };
}

/** The HDU whose EXTNAME is this, in upper or lower case. */
export function hduNamed<Unit extends { readonly header: Header }>(
  hdus: readonly Unit[],
  extname: string,
): Unit | undefined {
  return hdus.find(({ header }) => textOf(header, 'EXTNAME')?.toUpperCase() === extname.toUpperCase());
}
