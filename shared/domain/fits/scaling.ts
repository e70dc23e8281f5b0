/**
 * Stored numbers to physical ones: BZERO + BSCALE x stored, BLANK to NaN. FITS Standard 4.0, section 4.4.2.5.
 */
import type { StoredPixels } from './big-endian.ts';
import { cardValue, FitsError, type Header, numberOf } from './header.ts';
import type { PixelArray, PixelType } from './image.ts';

/** What turns an image's stored numbers into physical ones. */
export interface Scaling {
  readonly scale: number;
  readonly zero: number;
  /** The stored integer that stands for NaN. */
  readonly blank?: number;
  /** The narrowest array that holds every physical value. */
  readonly type: PixelType;
}

const INTEGERS: Readonly<Record<number, PixelType>> = { 8: 'uint8', 16: 'int16', 32: 'int32' };

/**
 * BSCALE, BZERO and BLANK of a header. Unscaled pixels keep their type; 16 bits over BZERO 32768 are unsigned; other
 * scaled integers of 8 and 16 bits are float32, of 32 bits float64, since a float's 24 bits do not hold them.
 */
export function scalingOf(header: Header, bitpix: number): Scaling {
  const scale = scalingNumber(header, 'BSCALE', 1);
  const zero = scalingNumber(header, 'BZERO', 0);
  if (bitpix < 0) return { scale, zero, type: bitpix === -32 ? 'float32' : 'float64' };
  if (bitpix === 64) return { scale, zero, type: 'float64' };
  const blank = numberOf(header, 'BLANK');
  const common = { scale, zero, ...(blank !== undefined && { blank }) };
  if (scale === 1 && zero === 0) return { ...common, type: INTEGERS[bitpix] };
  if (bitpix === 16 && scale === 1 && zero === 32768) return { ...common, type: 'uint16' };
  return { ...common, type: bitpix === 32 ? 'float64' : 'float32' };
}

function scalingNumber(header: Header, keyword: string, absent: number): number {
  const value = cardValue(header, keyword) ?? absent;
  if (typeof value === 'number') return value;
  throw new FitsError(
    `${keyword} is ${typeof value === 'string' ? `'${value}'` : value} and must be a number.`,
  );
}

/** True for the arrays that hold fractions and NaN. */
export function holdsFloats(pixels: PixelArray): pixels is Float32Array | Float64Array {
  return pixels instanceof Float32Array || pixels instanceof Float64Array;
}

/** Numbers that are widened at a time. */
const STRETCH = 1024;

/**
 * Writes the physical values of a piece to `out` from `at` on. BLANK becomes NaN in floats and keeps its number in
 * integers; integers wider than `out` lose their high bits.
 */
export type Scaler = (piece: StoredPixels, out: PixelArray, at: number) => void;

/**
 * The scaler of an image. Numbers that change are widened to doubles by the engine's own copy first, so that the loop
 * over them sees one type: over five types of array it would be megamorphic, eight times slower.
 */
export function scalerOf({ scale, zero, blank }: Scaling): Scaler {
  const isIdentity = scale === 1 && zero === 0;
  const doubles = new Float64Array(STRETCH);
  return (piece, out, at) => {
    const blankHere = holdsFloats(out) ? blank : undefined;
    if (isIdentity && blankHere === undefined) {
      out.set(piece, at);
      return;
    }
    for (let from = 0; from < piece.length; from += STRETCH) {
      const count = Math.min(STRETCH, piece.length - from);
      doubles.set(piece.subarray(from, from + count));
      if (blankHere !== undefined) blanksToNaN(doubles, count, blankHere);
      for (let i = 0, to = at + from; i < count; i++, to++) out[to] = zero + scale * doubles[i];
    }
  };
}

function blanksToNaN(doubles: Float64Array, count: number, blank: number): void {
  for (let i = 0; i < count; i++) if (doubles[i] === blank) doubles[i] = Number.NaN;
}
