import type { Card, Header } from '../fits/header.ts';
import { writeFits } from '../fits/write.ts';
import { type Wcs, wcsToCards } from '../sky/wcs.ts';
import type { Kernel } from './convolve.ts';
import { MASK, type MaskedImage } from './masked-image.ts';
import { psfHdu } from './psf-grid.ts';

export interface Product {
  readonly image: MaskedImage;
  readonly psfAt?: (x: number, y: number) => Kernel;
  readonly score?: Float32Array;
  readonly wcs?: Wcs;
  readonly unit: string;
  /** Variance of a pixel for each unit of a source's flux in it. */
  readonly sourceVariance: number;
}

/**
 * A product as FITS: IMAGE, VARIANCE, MASK (Rice-compressed, its bits named by MP_ cards as afw does), SCORE and PSF
 * where there are.
 */
export function writeProduct({ image, psfAt, score, wcs, unit, sourceVariance }: Product): Uint8Array {
  const { width, height, variance, mask } = image;
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
  return writeFits([
    { header: [] },
    { header: cards('IMAGE', [unitCard(unit), source]), image: { width, height, pixels: image.image } },
    { header: cards('VARIANCE', [unitCard(`${unit}**2`)]), image: { width, height, pixels: variance } },
    {
      header: cards('MASK', maskCards),
      image: { width, height, pixels: Int32Array.from(mask) },
      compression: 'RICE_1',
    },
    ...(score === undefined ? [] : [{ header: cards('SCORE'), image: { width, height, pixels: score } }]),
    ...(psfAt === undefined ? [] : [psfHdu(width, height, psfAt)]),
  ]);
}

const maskCards: Header = Object.entries(MASK).map(([name, bit]) => ({
  keyword: name === 'SAT_TEMPLATE' || name.length > 5 ? `HIERARCH MP_${name}` : `MP_${name}`,
  value: Math.log2(bit),
}));
