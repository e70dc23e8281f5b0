import type { MaskedImage } from './masked-image.ts';

/** Flux in a circle whose edge pixels count by how far they reach in; `truncated`: it leaves the image. */
export function apertureFlux(
  { width, height, image, variance }: MaskedImage,
  x: number,
  y: number,
  radius: number,
): { flux: number; fluxErr: number; truncated: boolean } {
  const outer = radius + 0.5;
  const inner = Math.max(0, radius - 0.5);
  let flux = 0;
  let noise = 0;
  let truncated = false;
  for (let j = Math.ceil(y - outer); j <= Math.floor(y + outer); j++) {
    const reach = Math.sqrt(outer * outer - (j - y) * (j - y));
    for (let i = Math.ceil(x - reach); i <= Math.floor(x + reach); i++) {
      if (i < 0 || j < 0 || i >= width || j >= height) {
        truncated = true;
        continue;
      }
      const square = (i - x) * (i - x) + (j - y) * (j - y);
      const weight = square <= inner * inner ? 1 : outer - Math.sqrt(square);
      flux += weight * image[j * width + i];
      noise += weight * weight * variance[j * width + i];
    }
  }
  return { flux, fluxErr: Math.sqrt(noise), truncated };
}
