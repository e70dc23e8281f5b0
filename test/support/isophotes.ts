import { detectFootprints } from '#shared/domain/image/detect.ts';
import { isophotalMoments } from '#shared/domain/image/isophotal.ts';
import type { Moments } from '#shared/domain/image/moments.ts';

/**
 * Objects as SExtractor's default configuration sees them, without deblending and cleaning, by our own components and
 * moments: at least 5 touching pixels above the threshold in the image smoothed by its 3x3 pyramid.
 */
export function isophotes(image: Float32Array, width: number, height: number, threshold: number): Moments[] {
  const smooth = underPyramid(image, width, height);
  const positive = smooth.map((value) => Math.max(0, value));
  return detectFootprints(positive, width, height, threshold, 1)
    .filter(({ pixels }) => pixels.length >= 5)
    .map(({ pixels }) => isophotalMoments(pixels, width, (at) => smooth[at]));
}

/** 1 2 1, 2 4 2, 1 2 1 over 16; nothing beyond the edges. */
function underPyramid(image: Float32Array, width: number, height: number): Float32Array {
  return image.map((_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    let sum = 0;
    for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++) {
      for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++)
        sum += (2 - Math.abs(i - x)) * (2 - Math.abs(j - y)) * image[j * width + i];
    }
    return sum / 16;
  });
}

/** Of the object nearest to (x, y): how far it is, and the largest difference of its second moments. */
export function nearestIsophote(
  objects: readonly Moments[],
  { x, y, ixx, iyy, ixy }: Omit<Moments, 'flux'>,
): { distance: number; moments: number } {
  const distanceOf = (one: Moments): number => Math.hypot(one.x - x, one.y - y);
  const nearest = objects.reduce((best, one) => (distanceOf(one) < distanceOf(best) ? one : best));
  const moments = Math.max(
    Math.abs(nearest.ixx - ixx),
    Math.abs(nearest.iyy - iyy),
    Math.abs(nearest.ixy - ixy),
  );
  return { distance: distanceOf(nearest), moments };
}
