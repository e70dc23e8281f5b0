import { FitsError, requireInteger } from '../fits/header.ts';
import type { OpenHdu } from '../fits/open.ts';
import { hduNamed } from '../fits/read.ts';
import type { NewHdu } from '../fits/write.ts';
import type { Kernel } from './convolve.ts';

/** Cell of one PSF in the products, pixels. */
export const PSF_CELL = 256;

/** PSF of a product: one stamp a cell of 256 px, as one image of stamps on top of each other, by rows of cells. */
export function psfHdu(width: number, height: number, psfAt: (x: number, y: number) => Kernel): NewHdu {
  const columns = Math.ceil(width / PSF_CELL);
  const rows = Math.ceil(height / PSF_CELL);
  const stamps = Array.from({ length: columns * rows }, (_, k) => {
    const x = Math.min(width - 1, ((k % columns) + 0.5) * PSF_CELL);
    const y = Math.min(height - 1, (Math.floor(k / columns) + 0.5) * PSF_CELL);
    return psfAt(x, y);
  });
  const side = 2 * stamps[0].half + 1;
  const pixels = new Float32Array(side * side * stamps.length);
  for (const [k, stamp] of stamps.entries()) pixels.set(stamp.values, k * side * side);
  return {
    header: [
      { keyword: 'EXTNAME', value: 'PSF' },
      { keyword: 'PSFCELL', value: PSF_CELL, comment: '[pixel] side of the cell of one stamp' },
      { keyword: 'PSFCOLS', value: columns, comment: 'cells a row; stamps are stacked by rows' },
    ],
    image: { width: side, height: side * stamps.length, pixels },
  };
}

/** Reads it back as a function of position. @throws FitsError where there is none */
export function readPsf(hdus: readonly OpenHdu[]): (x: number, y: number) => Kernel {
  const hdu = hduNamed(hdus, 'PSF');
  if (hdu?.image === undefined) throw new FitsError('The file has no PSF image.');
  const { width: side, height } = hdu.image;
  const cell = requireInteger(hdu.header, 'PSFCELL', { least: 1, most: 2 ** 20 });
  const columns = requireInteger(hdu.header, 'PSFCOLS', { least: 1, most: 2 ** 20 });
  const rows = height / side / columns;
  if (!Number.isInteger(rows) || rows === 0 || side % 2 === 0)
    throw new FitsError(`A PSF image of ${side} x ${height} holds no ${columns} columns of odd squares.`);
  const pixels = new Float64Array(side * height);
  hdu.image.read(0, height, pixels);
  const stamps = Array.from({ length: columns * rows }, (_, k) => ({
    half: (side - 1) / 2,
    values: pixels.slice(k * side * side, (k + 1) * side * side),
  }));
  const clamp = (value: number, count: number): number =>
    Math.min(count - 1, Math.max(0, Math.floor(value / cell)));
  return (x, y) => stamps[clamp(y, rows) * columns + clamp(x, columns)];
}
