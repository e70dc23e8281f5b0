import { FitsError, type Header, numberOf } from '../fits/header.ts';
import { type ImageRows, openFits } from '../fits/open.ts';
import { hduNamed } from '../fits/read.ts';
import { skyToPixel, type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import type { Kernel } from './convolve.ts';
import type { MaskedImage } from './masked-image.ts';
import { type PointFlux, pointFlux } from './point-flux.ts';
import { readPsf } from './psf-grid.ts';

/** Fluxes at a given position, nJy: on the difference (psfFlux) and on the calibrated image (scienceFlux). */
export interface ForcedFlux {
  readonly psfFlux: number;
  readonly psfFluxErr: number;
  readonly scienceFlux: number;
  readonly scienceFluxErr: number;
}

/**
 * Forced photometry on the products of processDetector, in the order of the positions; undefined where a position is
 * off the image or its pixels are unusable. Only the rows that the positions' PSFs touch are decoded, and the rows of one
 * band at a time lie in memory.
 *
 * @throws FitsError when a product cannot be read
 */
export function forcedPhotometry(
  products: { difference: Uint8Array; calibrated: Uint8Array },
  positions: readonly { raDeg: number; decDeg: number }[],
): (ForcedFlux | undefined)[] {
  const difference = openProduct(products.difference);
  const calibrated = openProduct(products.calibrated);
  const places = positions.map(({ raDeg, decDeg }) => {
    const at = skyToPixel(difference.wcs, raDeg, decDeg);
    return at !== undefined && isInside(difference, at) ? at : undefined;
  });
  const onDifference = pointFluxes(difference, places);
  const onCalibrated = pointFluxes(calibrated, places);
  return places.map((_, k) => {
    const psf = onDifference[k];
    const science = onCalibrated[k];
    if (psf === undefined || science === undefined) return undefined;
    const photons = Math.max(0, psf.flux) * difference.sourceVariance * psf.photonFactor;
    return {
      psfFlux: psf.flux,
      psfFluxErr: Math.sqrt(psf.fluxErr ** 2 + photons),
      scienceFlux: science.flux,
      scienceFluxErr: science.fluxErr,
    };
  });
}

interface OpenProduct {
  readonly width: number;
  readonly height: number;
  readonly planes: { readonly image: ImageRows; readonly variance: ImageRows; readonly mask: ImageRows };
  readonly psfAt: (x: number, y: number) => Kernel;
  readonly wcs: Wcs;
  readonly sourceVariance: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function isInside({ width, height }: OpenProduct, { x, y }: Place): boolean {
  return x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5;
}

function openProduct(bytes: Uint8Array): OpenProduct {
  const hdus = openFits(bytes);
  const plane = (name: string): { header: Header; rows: ImageRows } => {
    const hdu = hduNamed(hdus, name);
    if (hdu?.image === undefined) throw new FitsError(`The file has no ${name} image.`);
    return { header: hdu.header, rows: hdu.image };
  };
  const { header, rows: image } = plane('IMAGE');
  const [variance, mask] = [plane('VARIANCE').rows, plane('MASK').rows];
  for (const { width, height } of [variance, mask]) {
    if (width !== image.width || height !== image.height)
      throw new FitsError(
        `A plane of ${width} x ${height} goes with an image of ${image.width} x ${image.height}.`,
      );
  }
  return {
    width: image.width,
    height: image.height,
    planes: { image, variance, mask },
    psfAt: readPsf(hdus),
    wcs: wcsFromHeader(header),
    sourceVariance: numberOf(header, 'SRCVAR') ?? 0,
  };
}

/** Rows a band has at most, unless one PSF is higher. */
const BAND_ROWS = 256;

/** PSF fluxes at the places, in their order. Places are taken by row, so that each row is decoded about once. */
function pointFluxes(
  product: OpenProduct,
  places: readonly (Place | undefined)[],
): (PointFlux | undefined)[] {
  const wanted = places
    .flatMap((place, index) => {
      if (place === undefined) return [];
      const psf = product.psfAt(place.x, place.y);
      const from = Math.max(0, Math.round(place.y) - psf.half);
      return [
        { ...place, index, psf, from, to: Math.min(product.height, Math.round(place.y) + psf.half + 1) },
      ];
    })
    .sort((a, b) => a.from - b.from);
  const fluxes = places.map((): PointFlux | undefined => undefined);
  for (let k = 0; k < wanted.length; ) {
    const { from } = wanted[k];
    let { to } = wanted[k];
    let end = k + 1;
    for (; end < wanted.length && wanted[end].from <= to && wanted[end].to - from <= BAND_ROWS; end++)
      to = Math.max(to, wanted[end].to);
    const band = readBand(product, from, to);
    for (; k < end; k++) {
      const { x, y, psf, index } = wanted[k];
      fluxes[index] = pointFlux(band, psf, x, y - from);
    }
  }
  return fluxes;
}

function readBand({ width, planes }: OpenProduct, from: number, to: number): MaskedImage {
  const size = width * (to - from);
  const band = {
    width,
    height: to - from,
    image: new Float32Array(size),
    variance: new Float32Array(size),
    mask: new Uint16Array(size),
  };
  planes.image.read(from, to, band.image);
  planes.variance.read(from, to, band.variance);
  planes.mask.read(from, to, band.mask);
  return band;
}
