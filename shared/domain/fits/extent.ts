/**
 * How many bytes an HDU's data have, by its header alone. FITS Standard 4.0, sections 4.4.1 and 7.
 */
import { BYTES_OF_BITPIX } from './big-endian.ts';
import { booleanOf, FitsError, type Header, requireInteger, requireNumber } from './header.ts';

/** The standard's own limit of NAXIS. */
const MAX_AXES = 999;
const MAX_LENGTH = Number.MAX_SAFE_INTEGER;

/** BITPIX (or ZBITPIX), one of the six that the standard has. */
export function bitpixOf(header: Header, keyword = 'BITPIX'): number {
  const bitpix = requireNumber(header, keyword);
  if (BYTES_OF_BITPIX.has(bitpix)) return bitpix;
  throw new FitsError(`${keyword} is ${bitpix} and must be one of 8, 16, 32, 64, -32, -64.`);
}

/** Lengths of the axes, fastest first: `NAXIS1`... or, for prefix Z, `ZNAXIS1`... */
export function axesOf(header: Header, prefix: '' | 'Z' = ''): number[] {
  const count = requireInteger(header, `${prefix}NAXIS`, { least: 0, most: MAX_AXES });
  return Array.from({ length: count }, (_, k) =>
    requireInteger(header, `${prefix}NAXIS${k + 1}`, { least: 0, most: MAX_LENGTH }),
  );
}

/** Bytes of data behind this header, padding not counted; FitsError where no file could hold them. */
export function dataLength(header: Header): number {
  const axes = axesOf(header);
  const bytes = BYTES_OF_BITPIX.get(bitpixOf(header)) ?? 0;
  if (axes.length === 0) return 0;
  const parameters = requireInteger(header, 'PCOUNT', { least: 0, most: MAX_LENGTH, absent: 0 });
  const groups = requireInteger(header, 'GCOUNT', { least: 1, most: MAX_LENGTH, absent: 1 });
  const shape = isRandomGroups(header, axes) ? axes.slice(1) : axes;
  const length = bytes * groups * (parameters + product(shape));
  if (!Number.isSafeInteger(length)) {
    throw new FitsError(
      `NAXIS1.. = ${axes.join(' x ')} with PCOUNT ${parameters}, GCOUNT ${groups} is beyond any file.`,
    );
  }
  return length;
}

/** The old form for visibilities (section 6): NAXIS1 = 0 stands for "no such axis", not for "no data". */
export function isRandomGroups(header: Header, axes: readonly number[]): boolean {
  return axes[0] === 0 && axes.length > 1 && booleanOf(header, 'GROUPS') === true;
}

/** Product of the lengths, 1 for none. */
export function product(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total * length, 1);
}

/** Width and height of an image's axes: one axis is one row, axes beyond the second must have length 1. */
export function planeOf(axes: readonly number[]): { width: number; height: number } {
  if (axes.length === 0) throw new FitsError('An image needs an axis, and NAXIS (or ZNAXIS) is 0.');
  const deep = axes.findIndex((length, axis) => axis > 1 && length !== 1);
  if (deep > 0)
    throw new FitsError(`Axis ${deep + 1} has length ${axes[deep]}: only images of two axes are read.`);
  return { width: axes[0], height: axes[1] ?? 1 };
}
