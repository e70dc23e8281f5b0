import { packStamp, type StampWindow, stampWindow } from '../alert/stamps.ts';
import type { Kernel } from './convolve.ts';
import type { MaskedImage } from './masked-image.ts';
import type { Scene, SourceWithoutStamps } from './measure.ts';
import type { MeasuredSource } from './measured-source.ts';
import { cutPatch, type Patch, type SkyPlane } from './patch.ts';
import { psfAt } from './psf.ts';

/** The three stamps of a source: difference, science and matched template, NaN outside the image. */
export function cutStamps(
  scene: Scene,
  source: Pick<SourceWithoutStamps, 'x' | 'y' | 'bboxSize'>,
  rotPaDeg: number | undefined,
): MeasuredSource['stamps'] {
  const { difference, science, psf, wcs, sourceVariance } = scene;
  const { x, y } = source;
  const window = stampWindow(x, y, source.bboxSize);
  const stamp = (plane: SkyPlane | MaskedImage, kernel: Kernel, photons = 0): Uint8Array => {
    const side = 2 * kernel.half + 1;
    return packStamp({
      ...window,
      ...cut(plane, window, photons),
      psf: { width: side, height: side, pixels: kernel.values },
      wcs,
      x,
      y,
      rotPaDeg,
    });
  };
  return {
    difference: stamp(difference.image, difference.psfAt(x, y)),
    science: stamp(science, psfAt(psf, x, y), sourceVariance),
    template: stamp(difference.matched, difference.matchedPsfAt(x, y)),
  };
}

/** @param photons variance for each unit of flux, where the plane's is that of the sky alone */
function cut(
  plane: SkyPlane | MaskedImage,
  { minX, minY, side }: StampWindow,
  photons: number,
): { pixels: Float32Array; variance: Float32Array } {
  const patch = cutPatch(plane, minX, minY, minX + side - 1, minY + side - 1);
  const { image, variance } = patch;
  if (photons > 0) for (let i = 0; i < image.length; i++) variance[i] += photons * Math.max(0, image[i]);
  if (image.length === side * side) return { pixels: image, variance };
  return {
    pixels: placed(patch, image, minX, minY, side),
    variance: placed(patch, variance, minX, minY, side),
  };
}

/** A clipped plane of a patch in its whole square. */
function placed(patch: Patch, values: Float32Array, minX: number, minY: number, side: number): Float32Array {
  const square = new Float32Array(side * side).fill(Number.NaN);
  for (let j = 0; j < patch.height; j++) {
    const row = values.subarray(j * patch.width, (j + 1) * patch.width);
    square.set(row, (patch.y0 - minY + j) * side + patch.x0 - minX);
  }
  return square;
}
