import type { Alert } from '#shared/domain/alert/packet.ts';
import { type Hdu, hduNamed, readFits } from '#shared/domain/fits/read.ts';
import { encodePng } from '#shared/domain/image/preview.ts';
import type { StampKind } from './answers.ts';

/** Where a stamp has no pixel, such as beyond the edge of the sensor: a blue that no grey is taken for. */
const noPixel = [58, 74, 110] as const;

/**
 * A stamp as a PNG of its own size, first row of the stamp at the bottom. Undefined where the alert has no such stamp.
 */
export function stampPng(alert: Alert, kind: StampKind): Uint8Array | undefined {
  const stamps = {
    science: alert.cutoutScience,
    template: alert.cutoutTemplate,
    difference: alert.cutoutDifference,
  };
  const wanted = stamps[kind];
  if (!wanted) return undefined;
  const hdus = readFits(wanted);
  const image = hdus[0].image;
  if (!image) return undefined;
  const grey =
    kind === 'difference'
      ? differenceStretch(image.pixels, sigmaOf(hdus))
      : directStretch([stamps.science, stamps.template].flatMap((bytes) => (bytes ? [readFits(bytes)] : [])));
  const { width, height } = image;
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = image.pixels[y * width + x];
      const level = grey(value);
      rgb.set(Number.isFinite(value) ? [level, level, level] : noPixel, ((height - 1 - y) * width + x) * 3);
    }
  }
  return encodePng(rgb, width, height);
}

type Grey = (value: number) => number;

const byte = (part: number): number => Math.round(255 * Math.min(1, Math.max(0, part)));

/**
 * Linear about zero, which is the middle grey, so that a deficit is as dark as an excess is bright. White is at 3
 * sigma of a pixel, or at the brightest 0.5 % where these are brighter.
 */
export function differenceStretch(pixels: ArrayLike<number>, sigma: number): Grey {
  const limit = Math.max(3 * sigma, quantile(finite(pixels).map(Math.abs), 0.995)) || 1;
  return (value) => byte(0.5 + value / (2 * limit));
}

/**
 * Science and template on one scale: 2 sigma below the sky is black, the brightest 0.2 % of both white, and between
 * them the inverse hyperbolic sine, linear in the noise and logarithmic above (Lupton et al. 1999, AJ 118, 1406).
 */
export function directStretch(stamps: readonly (readonly Hdu[])[]): Grey {
  const values = stamps.flatMap(([{ image }]) => finite(image?.pixels ?? []));
  const sigma = Math.max(...stamps.map(sigmaOf)) || 1;
  const black = quantile(values, 0.25) - 2 * sigma;
  const softened = (value: number): number => Math.asinh((value - black) / (3 * sigma));
  const white = Math.max(softened(quantile(values, 0.998)), softened(black + 10 * sigma));
  return (value) => byte(softened(value) / white);
}

/** Noise of a typical pixel, from the stamp's own variance; 0 where it has none. */
function sigmaOf(hdus: readonly Hdu[]): number {
  const variance = finite(hduNamed(hdus, 'UNCERT')?.image?.pixels ?? []);
  return variance.length === 0 ? 0 : Math.sqrt(quantile(variance, 0.5));
}

const finite = (pixels: ArrayLike<number>): number[] => Array.from(pixels).filter(Number.isFinite);

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
