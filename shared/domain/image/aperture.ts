import type { MaskedImage } from './masked-image.ts';
import { cutPatch, type SkyPlane } from './patch.ts';

/** Flux in a circle whose edge pixels count by the part of them that is inside; `truncated`: it leaves the image. */
export function apertureFlux(
  { width, height, image, variance }: Pick<MaskedImage, 'width' | 'height' | 'image' | 'variance'>,
  x: number,
  y: number,
  radius: number,
): { flux: number; fluxErr: number; truncated: boolean } {
  // A pixel this near to the centre is inside with all its corners.
  const inner = radius - Math.SQRT1_2;
  let flux = 0;
  let noise = 0;
  let truncated = false;
  for (let j = Math.round(y - radius); j <= Math.round(y + radius); j++) {
    for (let i = Math.round(x - radius); i <= Math.round(x + radius); i++) {
      const [dx, dy] = [i - x, j - y];
      const isInside = inner > 0 && dx * dx + dy * dy <= inner * inner;
      const weight = isInside ? 1 : overlap(dx, dy, radius);
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

/** The same on a plane whose variance is told where it is asked for. */
export function apertureOn(
  plane: SkyPlane,
  x: number,
  y: number,
  radius: number,
): ReturnType<typeof apertureFlux> {
  const reach = Math.ceil(radius) + 1;
  const [cx, cy] = [Math.round(x), Math.round(y)];
  const patch = cutPatch(plane, cx - reach, cy - reach, cx + reach, cy + reach);
  return apertureFlux(patch, x - patch.x0, y - patch.y0, radius);
}

/** Area of the pixel centred at (x, y) within the circle around the origin. */
function overlap(x: number, y: number, radius: number): number {
  const [left, right, bottom, top] = [x - 0.5, x + 0.5, y - 0.5, y + 0.5];
  const nearest = Math.max(0, Math.abs(x) - 0.5) ** 2 + Math.max(0, Math.abs(y) - 0.5) ** 2;
  if (nearest >= radius * radius) return 0;
  return (
    fromOrigin(right, top, radius) -
    fromOrigin(left, top, radius) -
    fromOrigin(right, bottom, radius) +
    fromOrigin(left, bottom, radius)
  );
}

/** Area of the circle within the rectangle from the origin to (x, y), with the sign of x y. */
function fromOrigin(x: number, y: number, radius: number): number {
  const a = Math.min(Math.abs(x), radius);
  const b = Math.min(Math.abs(y), radius);
  let area = a * b;
  if (a * a + b * b > radius * radius) {
    // The rectangle's upper side is inside up to here; beyond, the circle is what bounds it.
    const straight = Math.sqrt(radius * radius - b * b);
    area = b * straight + underArc(a, radius) - underArc(straight, radius);
  }
  return x * y < 0 ? -area : area;
}

/** Integral of the arc's height from 0 to t. */
function underArc(t: number, radius: number): number {
  return (t * Math.sqrt(radius * radius - t * t) + radius * radius * Math.asin(t / radius)) / 2;
}
