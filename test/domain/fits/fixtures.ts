import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '#shared/domain/fits/read.ts';

const folder = join(import.meta.dirname, '../../fixtures/fits');

/** Bytes of a fixture, at an odd offset of their buffer, as bytes from a network often are. */
export function fixture(name: string): Uint8Array<ArrayBuffer> {
  const bytes = readFileSync(join(folder, name));
  const shifted = new Uint8Array(bytes.length + 1).subarray(1);
  shifted.set(bytes);
  return shifted;
}

export interface Case {
  readonly file: string;
  readonly hdu: number;
  readonly type: string;
  readonly width: number;
  readonly height: number;
  readonly expected: string;
}

/** What make.py says of every image in the fixtures. */
export const cases: readonly Case[] = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8'));

const ARRAYS = {
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** The image that a case must read as. */
export function expectedImage({ type, width, height, expected }: Case): Image {
  if (!(type in ARRAYS)) throw new Error(`cases.json has the type ${type}.`);
  const pixels = new ARRAYS[type as keyof typeof ARRAYS](new Uint8Array(fixture(expected)).buffer);
  return { width, height, pixels };
}

/** A header's blocks out of card texts, padded and ended. */
export function headerBytes(...lines: string[]): Uint8Array {
  const text = [...lines, 'END'].map((line) => line.padEnd(80)).join('');
  return Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), 'latin1');
}
