import { FitsError, numberOf } from '../fits/header.ts';
import { hduNamed, readFits } from '../fits/read.ts';
import { skyToPixel, type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import type { Kernel } from './convolve.ts';
import type { MaskedImage } from './masked-image.ts';
import { pointFlux } from './point-flux.ts';
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
 * off the image or its pixels are unusable.
 *
 * @throws FitsError when a product cannot be read
 */
export function forcedPhotometry(
  products: { difference: Uint8Array; calibrated: Uint8Array },
  positions: readonly { raDeg: number; decDeg: number }[],
): (ForcedFlux | undefined)[] {
  const difference = readProduct(products.difference);
  const calibrated = readProduct(products.calibrated);
  return positions.map(({ raDeg, decDeg }) => {
    const at = skyToPixel(difference.wcs, raDeg, decDeg);
    if (at === undefined || !isInside(difference.image, at)) return undefined;
    const psf = pointFlux(difference.image, difference.psfAt(at.x, at.y), at.x, at.y);
    const science = pointFlux(calibrated.image, calibrated.psfAt(at.x, at.y), at.x, at.y);
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

function isInside({ width, height }: MaskedImage, { x, y }: { x: number; y: number }): boolean {
  return x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5;
}

function readProduct(bytes: Uint8Array): {
  image: MaskedImage;
  psfAt: (x: number, y: number) => Kernel;
  wcs: Wcs;
  sourceVariance: number;
} {
  const hdus = readFits(bytes);
  const plane = (name: string) => {
    const hdu = hduNamed(hdus, name);
    if (hdu?.image === undefined) throw new FitsError(`The file has no ${name} image.`);
    return { header: hdu.header, ...hdu.image };
  };
  const { header, width, height, pixels } = plane('IMAGE');
  return {
    image: {
      width,
      height,
      image: Float32Array.from(pixels),
      variance: Float32Array.from(plane('VARIANCE').pixels),
      mask: Uint16Array.from(plane('MASK').pixels),
    },
    psfAt: readPsf(hdus),
    wcs: wcsFromHeader(header),
    sourceVariance: numberOf(header, 'SRCVAR') ?? 0,
  };
}
