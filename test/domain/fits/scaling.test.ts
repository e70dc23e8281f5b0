import { expect, it } from 'vitest';
import type { StoredPixels } from '#shared/domain/fits/big-endian.ts';
import type { CardValue, Header } from '#shared/domain/fits/header.ts';
import { type PixelArray, pixelArray } from '#shared/domain/fits/image.ts';
import { scalerOf, scalingOf } from '#shared/domain/fits/scaling.ts';

const header = (cards: Record<string, CardValue>): Header =>
  Object.entries(cards).map(([keyword, value]) => ({ keyword, value }));

/** The physical values in the array that the scaling names, or in the one given. */
function scalePixels(stored: StoredPixels, cards: Header, given?: PixelArray): PixelArray {
  const floats = stored instanceof Float32Array || stored instanceof Float64Array;
  const scaling = scalingOf(cards, (floats ? -8 : 8) * stored.BYTES_PER_ELEMENT);
  const out = given ?? pixelArray(scaling.type, stored.length);
  scalerOf(scaling)(stored, out, 0);
  return out;
}

it('leaves unscaled pixels as they are, BLANK included', () => {
  const pixels = Int16Array.of(-32768, 5);
  expect(scalePixels(pixels, header({ BSCALE: 1, BZERO: 0, BLANK: -32768 }))).toEqual(pixels);
});

it('reads 16 bits over BZERO 32768 as unsigned', () => {
  expect(scalePixels(Int16Array.of(-32768, -1, 0, 32767), header({ BZERO: 32768 }))).toEqual(
    Uint16Array.of(0, 32767, 32768, 65535),
  );
});

it('makes NaN of BLANK in floats, whatever the scale, and more pixels than are widened at a time', () => {
  const stored = Int32Array.from({ length: 5000 }, (_, k) => k);
  const blank = header({ BLANK: 4999 });
  expect(scalePixels(stored, blank, new Float32Array(5000)).slice(-2)).toEqual(
    Float32Array.of(4998, Number.NaN),
  );
  expect(scalePixels(stored, blank, new Uint16Array(5000)).slice(-2)).toEqual(Uint16Array.of(4998, 4999));
});

it('scales to floats as wide as the integers need, BLANK to NaN', () => {
  const cards = header({ BSCALE: 0.5, BZERO: 1, BLANK: 7 });
  expect(scalePixels(Uint8Array.of(7, 8), cards)).toEqual(Float32Array.of(Number.NaN, 5));
  expect(scalePixels(Int16Array.of(7, -8), cards)).toEqual(Float32Array.of(Number.NaN, -3));
  expect(scalePixels(Int32Array.of(7, 2 ** 31 - 1), cards)).toEqual(
    Float64Array.of(Number.NaN, 2 ** 30 + 0.5),
  );
  expect(scalePixels(Float32Array.of(7, 3), cards)).toEqual(Float32Array.of(4.5, 2.5));
});

it('says what BSCALE is where it is no number', () => {
  expect(() => scalePixels(Int16Array.of(1), header({ BSCALE: 'x' }))).toThrow(
    "BSCALE is 'x' and must be a number.",
  );
  expect(() => scalePixels(Int16Array.of(1), header({ BZERO: null }))).not.toThrow();
});
