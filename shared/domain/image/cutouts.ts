import { packStamp, stampWindow } from '../alert/stamps.ts';
import type { Kernel } from './convolve.ts';
import type { Scene, SourceWithoutStamps } from './measure.ts';
import type { MeasuredSource } from './measured-source.ts';
import { type SkyPlane, skyPlane } from './patch.ts';
import { psfAt } from './psf.ts';

/** The three stamps of a source: difference, science and matched template, NaN outside the image. */
export function cutStamps(
  scene: Scene,
  source: SourceWithoutStamps,
  rotPaDeg: number | undefined,
): MeasuredSource['stamps'] {
  const { difference, science, psf, wcs, sourceVariance } = scene;
  const { x, y } = source;
  const stamp = (plane: SkyPlane, kernel: Kernel, photons = 0): Uint8Array => {
    const window = stampWindow(x, y, source.bboxSize);
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
    difference: stamp(skyPlane(difference.image), difference.psfAt(x, y)),
    science: stamp(science, psfAt(psf, x, y), sourceVariance),
    template: stamp(difference.matched, difference.matchedPsfAt(x, y)),
  };
}

/** @param photons variance for each unit of flux, where the plane's is that of the sky alone */
function cut(
  { width, height, image, varianceAt }: SkyPlane,
  { minX, minY, side }: { minX: number; minY: number; side: number },
  photons: number,
): { pixels: Float32Array; variance: Float32Array } {
  const out = {
    pixels: new Float32Array(side * side).fill(Number.NaN),
    variance: new Float32Array(side * side).fill(Number.NaN),
  };
  for (let j = 0; j < side; j++) {
    const y = minY + j;
    if (y < 0 || y >= height) continue;
    for (let i = 0; i < side; i++) {
      const x = minX + i;
      if (x < 0 || x >= width) continue;
      const value = image[y * width + x];
      out.pixels[j * side + i] = value;
      out.variance[j * side + i] = varianceAt(x, y) + Math.max(0, value) * photons;
    }
  }
  return out;
}
