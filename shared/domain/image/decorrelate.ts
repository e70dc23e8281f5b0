import type { Kernel } from './convolve.ts';
import { createFourier, type Fourier, frequencies, pitchOf } from './fourier.ts';
import type { Workspace } from './workspace.ts';

const GRID = 64;

/** Half side of the decorrelation kernel: beyond 12 px its values were below 1e-3 of the peak on all scenes tried. */
export const DECORRELATION_HALF = 12;

/** The whitening kernel of a difference at one position, and the PSF of the whitened difference. */
export interface Whitening {
  readonly kernel: Kernel;
  readonly psf: Kernel;
  /** Its PSF before whitening. */
  readonly unwhitened: Kernel;
}

/**
 * Decorrelation of an Alard-Lupton difference (Reiss & Lupton, DMTN-021): the noise of D = A - K * B has the spectrum
 * v_a + |K|² v_b; multiplied by phi² = (v_a + v_b) / (v_a + |K|² v_b) it is white with the variance v_a + v_b.
 *
 * @param matching K, with the sum 1
 * @param varianceKept v_a, of the image that was not convolved
 * @param varianceConvolved v_b, of the one that was, before it was convolved
 * @param psf PSF of the difference before whitening
 */
export function whitening(
  workspace: Workspace,
  matching: Kernel,
  varianceKept: number,
  varianceConvolved: number,
  psf: Kernel,
): Whitening {
  const fourier = transformPair(workspace, matching, psf);
  const { re, im } = fourier.spectrum;
  const total = varianceKept + varianceConvolved;
  for (let at = 0; at < PARTNERS.length; at += 2) {
    const [i, j] = [PARTNERS[at], PARTNERS[at + 1]];
    const power = ((re[i] + re[j]) ** 2 + (im[i] - im[j]) ** 2) / 4;
    const phi = Math.sqrt(total / (varianceKept + power * varianceConvolved));
    const psfRe = ((im[i] + im[j]) / 2) * phi;
    const psfIm = ((re[j] - re[i]) / 2) * phi;
    // phi is real and even, and so is the kernel: it comes back as the real part, the PSF as the imaginary.
    re[i] = phi - psfIm;
    re[j] = phi + psfIm;
    im[i] = psfRe;
    im[j] = psfRe;
  }
  fourier.inverse();
  const kernel = cut(fourier, fourier.tile.re, DECORRELATION_HALF);
  const whitened = cut(fourier, fourier.tile.im, psf.half);
  fourier.release();
  return { kernel, psf: whitened, unwhitened: psf };
}

/** The PSF of an image after convolution with a kernel, on the PSF's own stamp. */
export function convolvedPsf(workspace: Workspace, psf: Kernel, kernel: Kernel): Kernel {
  const fourier = transformPair(workspace, psf, kernel);
  const { re, im } = fourier.spectrum;
  for (let at = 0; at < PARTNERS.length; at += 2) {
    const [i, j] = [PARTNERS[at], PARTNERS[at + 1]];
    const [psfRe, psfIm] = [(re[i] + re[j]) / 2, (im[i] - im[j]) / 2];
    const [kernelRe, kernelIm] = [(im[i] + im[j]) / 2, (re[j] - re[i]) / 2];
    re[i] = psfRe * kernelRe - psfIm * kernelIm;
    im[i] = psfRe * kernelIm + psfIm * kernelRe;
    re[j] = re[i];
    im[j] = -im[i];
  }
  fourier.inverse();
  const convolved = cut(fourier, fourier.tile.re, psf.half);
  fourier.release();
  return convolved;
}

/** Indices into a spectrum of every frequency and its negative, each two once. */
const PARTNERS = ((): Int32Array => {
  const order = frequencies(GRID);
  const mirror = order.map((frequency) => order.indexOf((GRID - frequency) % GRID));
  const pitch = pitchOf(GRID);
  const pairs: number[] = [];
  for (let y = 0; y < GRID; y++) {
    for (let x = 0; x < GRID; x++) {
      const [i, j] = [y * pitch + x, mirror[y] * pitch + mirror[x]];
      if (i <= j) pairs.push(i, j);
    }
  }
  return Int32Array.from(pairs);
})();

/** Both kernels in one transform, as real and imaginary part: their spectra are the even and the odd part of its. */
function transformPair(workspace: Workspace, a: Kernel, b: Kernel): Fourier {
  const fourier = createFourier(workspace, GRID);
  place(fourier, fourier.tile.re, a);
  place(fourier, fourier.tile.im, b);
  fourier.forward();
  return fourier;
}

/** A kernel around (0, 0) of an empty plane, what is negative at its far ends. */
function place({ pitch }: Fourier, plane: Float32Array, { half, values }: Kernel): void {
  const side = 2 * half + 1;
  plane.fill(0);
  for (let j = 0; j < side; j++) {
    const row = ((j - half + GRID) % GRID) * pitch;
    for (let i = 0; i < side; i++) plane[row + ((i - half + GRID) % GRID)] = values[j * side + i];
  }
}

function cut({ pitch }: Fourier, plane: Float32Array, half: number): Kernel {
  const side = 2 * half + 1;
  const values = new Float64Array(side * side);
  for (let j = 0; j < side; j++) {
    const row = ((j - half + GRID) % GRID) * pitch;
    for (let i = 0; i < side; i++)
      values[j * side + i] = plane[row + ((i - half + GRID) % GRID)] / (GRID * GRID);
  }
  return { half, values };
}
