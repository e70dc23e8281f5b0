import type { Card, Header } from '../fits/header.ts';
import { type Compression, writeFits } from '../fits/write.ts';
import { type Wcs, wcsToCards } from '../sky/wcs.ts';
import type { Kernel } from './convolve.ts';
import { MASK, type MaskedImage } from './masked-image.ts';
import { psfHdu } from './psf-grid.ts';
import { selectInPlace } from './statistics.ts';

/** Planes of a product, row by row: none of them need lie in memory. A row may be asked for more than once. */
export interface ProductRows {
  readonly width: number;
  readonly height: number;
  image(y: number, out: Float32Array): void;
  variance(y: number, out: Float32Array): void;
  mask(y: number, out: Int32Array): void;
  score?(y: number, out: Float32Array): void;
}

export interface Product {
  /** Cards of the primary header, about the whole file. */
  readonly cards?: Header;
  readonly rows: ProductRows;
  readonly psfAt?: (x: number, y: number) => Kernel;
  readonly wcs?: Wcs;
  readonly unit: string;
  /** Variance of a pixel for each unit of a source's flux in it. */
  readonly sourceVariance: number;
}

/**
 * Rounding noise over the pixels' own: steps of noise/16, as archives take them. A PSF flux moves by 0.018 of its error,
 * which adds 0.02 % to it; a tenth of that would cost 9 MB more for 16.4 million pixels.
 */
const ROUNDING = 1 / 16 / Math.sqrt(12);
/** Steps of the variance over the sky's, undithered: 0.4 % of an error at most, and a smooth plane takes next to nothing. */
const VARIANCE_STEP = 1 / 64;
/** Rows from which the sky's variance is taken. */
const NOISE_ROWS = 64;

/**
 * A product as FITS: IMAGE and SCORE as quantised RICE_1 with SUBTRACTIVE_DITHER_2, VARIANCE without dither, MASK (its bits
 * named by MP_ cards as afw does) without loss, PSF where there is one. Planes without noise are compressed without loss.
 */
export function writeProduct(product: Product): Uint8Array {
  const { rows, psfAt, wcs, unit, sourceVariance } = product;
  const { width, height } = rows;
  const cards = (name: string, extra: Header = []): Header => [
    { keyword: 'EXTNAME', value: name },
    ...(wcs === undefined ? [] : wcsToCards(wcs)),
    ...extra,
  ];
  const unitCard = (value: string): Card => ({ keyword: 'BUNIT', value });
  const source: Card = {
    keyword: 'SRCVAR',
    value: sourceVariance,
    comment: 'variance for each unit of source flux',
  };
  const floats = (row: (y: number, out: Float32Array) => void) =>
    ({ width, height, type: 'float32', row }) as const;
  const sky = skyVarianceOf(rows);
  const { score } = rows;
  return writeFits([
    { header: product.cards ?? [] },
    {
      header: cards('IMAGE', [unitCard(unit), source]),
      image: floats(rows.image),
      compression: dithered(Math.sqrt(sky)),
    },
    {
      header: cards('VARIANCE', [unitCard(`${unit}**2`)]),
      image: floats(rows.variance),
      compression: sky > 0 ? { dither: 'NO_DITHER', step: VARIANCE_STEP * sky } : 'GZIP_2',
    },
    {
      header: cards('MASK', maskCards),
      image: { width, height, type: 'int32', row: rows.mask },
      compression: 'RICE_1',
    },
    ...(score === undefined
      ? []
      : [{ header: cards('SCORE'), image: floats(score), compression: dithered(1) }]),
    ...(psfAt === undefined ? [] : [psfHdu(width, height, psfAt)]),
  ]);
}

/** Rows of planes that are in memory. */
export function rowsOfPlanes(
  { width, height, image, variance, mask }: MaskedImage,
  score?: Float32Array,
): ProductRows {
  const rowOf = (plane: Float32Array | Uint16Array) => (y: number, out: Float32Array | Int32Array) =>
    out.set(plane.subarray(y * width, (y + 1) * width));
  return {
    width,
    height,
    image: rowOf(image),
    variance: rowOf(variance),
    mask: rowOf(mask),
    ...(score !== undefined && { score: rowOf(score) }),
  };
}

function dithered(noise: number): Compression {
  if (!(noise > 0)) return 'GZIP_2';
  return { dither: 'SUBTRACTIVE_DITHER_2', step: Math.sqrt(12) * ROUNDING * noise };
}

/** The lower quartile of the positive variances in some rows: the sky's, where half of the image may be bright; 0 of none. */
function skyVarianceOf({ width, height, variance }: ProductRows): number {
  const count = Math.min(NOISE_ROWS, height);
  const found = new Float32Array(count * width);
  const row = new Float32Array(width);
  let length = 0;
  for (let k = 0; k < count; k++) {
    variance(Math.floor(((k + 0.5) * height) / count), row);
    for (const value of row) if (value > 0 && value < Number.POSITIVE_INFINITY) found[length++] = value;
  }
  return length === 0 ? 0 : selectInPlace(found, length >> 2, length);
}

const maskCards: Header = Object.entries(MASK).map(([name, bit]) => ({
  keyword: `MP_${name}`,
  value: Math.log2(bit),
}));
