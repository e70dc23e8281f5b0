import type { MaskedImage } from './masked-image.ts';

/** Flux in a circle whose edge pixels count by how far they reach in; `truncated`: it leaves the image. */
export function apertureFlux(
  { width, height, image, variance }: MaskedImage,
  x: number,
  y: number,
  radius: number,
): { flux: number; fluxErr: number; truncated: boolean } {
  const reach = Math.ceil(radius + 0.5);
  let flux = 0;
  let noise = 0;
  let truncated = false;
  for (let j = Math.round(y) - reach; j <= Math.round(y) + reach; j++) {
    for (let i = Math.round(x) - reach; i <= Math.round(x) + reach; i++) {
      const weight = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(i - x, j - y)));
      if (weight === 0) continue;
      if (i < 0 || j < 0 || i >= width || j >= height) {
        truncated = true;
        continue;
      }
      flux += weight * image[j * width + i];
      noise += weight * weight * variance[j * width + i];
    }
  }
  return { flux, fluxErr: Math.sqrt(noise), truncated };
}
