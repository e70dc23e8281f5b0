/**
 * Stored numbers to physical ones: BZERO + BSCALE x stored, BLANK to NaN. FITS Standard 4.0, section 4.4.2.5.
 */
import type { StoredPixels } from './big-endian.ts';
import { cardValue, FitsError, type Header, numberOf } from './header.ts';
import type { Image } from './image.ts';

/**
 * Pixels with BSCALE, BZERO and BLANK of the header applied. Unscaled ones keep their type (and BLANK its
 * number); 16 bits over BZERO 32768 are unsigned; other scaled integers of 8 and 16 bits become Float32Array,
 * of 32 bits Float64Array, since a float's 24 bits do not hold them.
 */
export function scalePixels(stored: StoredPixels, header: Header): Image['pixels'] {
  const scale = scalingNumber(header, 'BSCALE', 1);
  const zero = scalingNumber(header, 'BZERO', 0);
  if (scale === 1 && zero === 0) return stored;
  if (stored instanceof Int16Array && scale === 1 && zero === 32768) return toUnsigned(stored);
  if (stored instanceof Float32Array || stored instanceof Float64Array) {
    return stored.map((value) => zero + scale * value);
  }
  const blank = numberOf(header, 'BLANK');
  const scaled =
    stored.BYTES_PER_ELEMENT < 4 ? new Float32Array(stored.length) : new Float64Array(stored.length);
  for (let i = 0; i < stored.length; i++)
    scaled[i] = stored[i] === blank ? Number.NaN : zero + scale * stored[i];
  return scaled;
}

function scalingNumber(header: Header, keyword: string, absent: number): number {
  const value = cardValue(header, keyword) ?? absent;
  if (typeof value === 'number') return value;
  throw new FitsError(
    `${keyword} is ${typeof value === 'string' ? `'${value}'` : value} and must be a number.`,
  );
}

/** Adds 32768, which is to turn the highest bit. */
function toUnsigned(stored: Int16Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const unsigned = new Uint16Array(stored.buffer, stored.byteOffset, stored.length);
  for (let i = 0; i < unsigned.length; i++) unsigned[i] ^= 0x8000;
  return unsigned;
}
