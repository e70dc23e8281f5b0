import { smoothGaussian } from './convolve.ts';
import { MASK, type MaskedImage, UNUSABLE } from './masked-image.ts';
import { adaptiveMoments, type Moments } from './moments.ts';
import { robustSigmaInPlace, sample } from './statistics.ts';

/** Something bright on one image: a star, a galaxy or a cosmic ray. */
export interface FoundObject extends Moments {
  /** Peak of the smoothed image over its noise. */
  readonly snr: number;
  /** A saturated, bad or missing pixel lies within 8 px. */
  readonly spoilt: boolean;
}

/** Most objects that are measured, brightest first; 3000 stars of a full detector are all of its useful ones. */
const MOST = 4000;

/** Bright objects of a background-subtracted image: local maxima over 5x5 of the image smoothed by `sigma` px. */
export function findObjects(image: MaskedImage, threshold: number, sigma = 1.7): FoundObject[] {
  const { width, height, mask } = image;
  const smooth = smoothGaussian(image.image, width, height, sigma);
  const noise = robustSigmaInPlace(sample(smooth, 11, (at) => (mask[at] & MASK.NO_DATA) === 0));
  const peaks: { x: number; y: number; snr: number }[] = [];
  for (let y = 4; y < height - 4; y++) {
    for (let x = 4; x < width - 4; x++) {
      const snr = smooth[y * width + x] / noise;
      if (snr > threshold && isPeak(smooth, width, x, y)) peaks.push({ x, y, snr });
    }
  }
  peaks.sort((a, b) => b.snr - a.snr);
  return peaks.slice(0, MOST).flatMap(({ x, y, snr }): FoundObject[] => {
    const moments = adaptiveMoments(image.image, width, height, x, y, sigma);
    return moments === undefined ? [] : [{ ...moments, snr, spoilt: isSpoilt(image, x, y) }];
  });
}

function isPeak(image: Float32Array, width: number, x: number, y: number): boolean {
  const centre = image[y * width + x];
  for (let j = -2; j <= 2; j++) {
    for (let i = -2; i <= 2; i++) {
      const near = image[(y + j) * width + x + i];
      if (near > centre || (near === centre && (j < 0 || (j === 0 && i < 0)))) return false;
    }
  }
  return true;
}

function isSpoilt({ width, height, mask }: MaskedImage, x: number, y: number): boolean {
  for (let j = Math.max(0, y - 8); j <= Math.min(height - 1, y + 8); j++) {
    for (let i = Math.max(0, x - 8); i <= Math.min(width - 1, x + 8); i++) {
      if ((mask[j * width + i] & UNUSABLE) !== 0) return true;
    }
  }
  return false;
}

/** Second-moment radius in pixels. */
export function objectRadius({ ixx, iyy }: Moments): number {
  return Math.sqrt((ixx + iyy) / 2);
}

/** Half of the relative width of the stellar locus. */
const LOCUS = 0.12;

/** Smallest radius of a star: FWHM 2.1 px. What is sharper is a cosmic ray. */
const SHARPEST = 0.9;

/**
 * Stars among the objects: the radius (of S/N over 40, or the brightest ten) around which most objects lie within
 * 12 %, the smaller where two tie, and the unspoilt isolated objects of that radius. Brightest first.
 */
export function selectStars(objects: readonly FoundObject[]): FoundObject[] {
  const usable = objects.filter((object) => !object.spoilt && objectRadius(object) > SHARPEST);
  const strong = usable.filter((object) => object.snr > 40);
  const candidates = strong.length >= 10 ? strong : usable.filter((object) => object.snr > 15).slice(0, 10);
  const radii = candidates.map(objectRadius).sort((a, b) => a - b);
  let best = { count: 0, centre: 0 };
  for (const radius of radii) {
    const inside = radii.filter((other) => other >= radius && other <= radius * (1 + LOCUS));
    if (inside.length > best.count) best = { count: inside.length, centre: inside[inside.length >> 1] };
  }
  return candidates.filter(
    (object) =>
      Math.abs(objectRadius(object) / best.centre - 1) <= LOCUS && isIsolated(object, objects, best.centre),
  );
}

/** No other object of over 5 % of its flux within 7 sigma of the PSF. */
function isIsolated(object: FoundObject, objects: readonly FoundObject[], radius: number): boolean {
  const reach = Math.max(10, 7 * radius);
  return objects.every(
    (other) =>
      other === object ||
      other.snr < 0.05 * object.snr ||
      Math.hypot(other.x - object.x, other.y - object.y) > reach,
  );
}
