import { packStamp, stampWindow } from '../alert/stamps.ts';
import type { Kernel } from './convolve.ts';
import type { MaskedImage } from './masked-image.ts';
import type { Scene, SourceWithoutStamps } from './measure.ts';
import type { MeasuredSource } from './measured-source.ts';
import { psfAt } from './psf.ts';

/** The three stamps of a source: difference, science and matched template, NaN outside the image. */
export function cutStamps(
  scene: Scene,
  calibrated: MaskedImage,
  source: SourceWithoutStamps,
  rotPaDeg: number | undefined,
): MeasuredSource['stamps'] {
  const { difference, psf, wcs } = scene;
  const { x, y } = source;
  const stamp = (image: MaskedImage, kernel: Kernel): Uint8Array => {
    const window = stampWindow(x, y, source.bboxSize);
    const side = 2 * kernel.half + 1;
    return packStamp({
      ...window,
      ...cut(image, window),
      psf: { width: side, height: side, pixels: kernel.values },
      wcs,
      x,
      y,
      rotPaDeg,
    });
  };
  return {
    difference: stamp(difference.image, difference.psfAt(x, y)),
    science: stamp(calibrated, psfAt(psf, x, y)),
    template: stamp(difference.matched, difference.matchedPsfAt(x, y)),
  };
}

function cut(
  { width, height, image, variance }: MaskedImage,
  { minX, minY, side }: { minX: number; minY: number; side: number },
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
      out.pixels[j * side + i] = image[y * width + x];
      out.variance[j * side + i] = variance[y * width + x];
    }
  }
  return out;
}
