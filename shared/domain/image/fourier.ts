import type { Workspace } from './workspace.ts';

/** Floats between the starts of two rows of a tile, as the kernels have it. */
export const pitchOf = (size: number): number => size + 4;

/** A plane of complex numbers in the workspace; a row begins every `pitch` values. */
export interface ComplexTile {
  readonly re: Float32Array;
  readonly im: Float32Array;
}

/**
 * Two-dimensional complex FFT of 64 x 64 or 128 x 128 for convolution, between two tiles in the workspace. The spectrum
 * is transposed, its rows and columns in the order of `frequencies`; products of spectra need no order.
 */
export interface Fourier {
  readonly size: number;
  readonly pitch: number;
  readonly tile: ComplexTile;
  readonly spectrum: ComplexTile;
  /** From the tile, which is used up, to the spectrum. */
  forward(): void;
  /** Back, times size². */
  inverse(): void;
  /** Gives the tiles back. */
  release(): void;
}

export function createFourier(workspace: Workspace, size: 64 | 128): Fourier {
  const pitch = pitchOf(size);
  const plane = size * pitch;
  const [a, b] = [workspace.floats(2 * plane), workspace.floats(2 * plane)];
  const tileOf = (both: Float32Array): ComplexTile => ({
    re: both.subarray(0, plane),
    im: both.subarray(plane),
  });
  const twiddles = twiddleFactors(workspace, size);
  const [tile, spectrum] = [a.byteOffset, b.byteOffset];
  return {
    size,
    pitch,
    tile: tileOf(a),
    spectrum: tileOf(b),
    forward: () => workspace.run('forwardTile', tile, spectrum, size, twiddles.byteOffset),
    inverse: () => workspace.run('inverseTile', spectrum, tile, size, twiddles.byteOffset, 0),
    release: () => workspace.release(a, b, twiddles),
  };
}

/** The frequency, 0 to size - 1, in each row or column of a spectrum: by four in turn, once by two where 8 remain. */
export function frequencies(size: number): number[] {
  if (size === 1) return [0];
  const parts = size === 8 ? 2 : 4;
  const within = frequencies(size / parts);
  return Array.from({ length: parts }, (_, part) =>
    within.map((frequency) => part + parts * frequency),
  ).flat();
}

/** cos and sin of 2 pi k / size in turn, k < size, as the transforms in the workspace take them. */
export function twiddleFactors(workspace: Workspace, size: number): Float32Array {
  const factors = workspace.floats(2 * size);
  for (let k = 0; k < size; k++) {
    factors[2 * k] = Math.cos((2 * Math.PI * k) / size);
    factors[2 * k + 1] = Math.sin((2 * Math.PI * k) / size);
  }
  return factors;
}
